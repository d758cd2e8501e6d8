extension Finding {
  /// What can be wrong with the machine before a ceremony: what it means, and what to do next. Screens, the catalogue and
  /// `preflight` take their words from here.
  package struct OfHost: Sendable {
    package let code: Code
    package let meaning: String
    package let advice: String
    /// Whether a real ceremony stops at it where the script does not say what is fatal.
    package let isFatal: Bool

    private init(_ code: Code, _ meaning: String, next advice: String, isFatal: Bool = false) {
      self.code = code
      self.meaning = meaning
      self.advice = advice
      self.isFatal = isFatal
    }

    /// In the order in which the machine is looked at.
    package static let all: [OfHost] = [
      OfHost(
        .hostNetwork, "A network is connected: an interface carries traffic, or has an address.",
        next: "Take the cable out, and switch the interface off: ip link set NAME down.", isFatal: true),
      OfHost(
        .hostInterface, "A network interface is switched on, without a cable or a partner.",
        next: "Switch it off, so that a cable alone connects nothing: ip link set NAME down."),
      OfHost(
        .hostNetworkUnknown, "Whether a network is connected cannot be read on this machine.",
        next: "Mount /proc and /sys. A container may not show them: begin outside of it.", isFatal: true),
      OfHost(
        .hostRoute, "There is a default route: the machine knows a way to other networks.",
        next: "Take it away: ip route del default. Then find out what set it.", isFatal: true),
      OfHost(
        .hostRadio, "A radio is switched on: wireless network, Bluetooth or another.",
        next: "Switch all of them off: rfkill block all. Better take the module out of the machine.", isFatal: true),
      OfHost(
        .hostRadioUnknown, "Whether a radio is switched on cannot be read on this machine.",
        next: "Mount /sys, or begin outside of a container. Look whether the machine has radios at all.", isFatal: true),
      OfHost(
        .hostDrivers, "Drivers for a network or for Bluetooth are loaded, so that a connection is one command away.",
        next: "Unload them with rmmod, and forbid them in /etc/modprobe.d."),
      OfHost(
        .hostDriversUnknown, "Which drivers are loaded cannot be read on this machine.",
        next: "Mount /proc and /sys, or begin outside of a container."),
      OfHost(
        .hostClock, "The clock is wrong: earlier than this release, or later than the script can mean.",
        next: "Set it in UTC: date -u -s MOMENT, then hwclock --systohc --utc. Expiry is judged by it.", isFatal: true),
      OfHost(
        .hostHardwareClock, "The hardware clock differs from the system's by more than two minutes.",
        next: "Set it from the right one, in UTC: hwclock --systohc --utc. Perhaps its battery is empty."),
      OfHost(
        .hostHardwareClockUnknown, "No hardware clock can be read, so that a restart may change the time.",
        next: "After a restart set the clock before the ceremony goes on."),
      OfHost(
        .hostSwap,
        "Memory is swapped out to a disk. Secrets stay in locked memory; what else is in memory may be kept.",
        next: "Switch it off: swapoff --all."),
      OfHost(
        .hostSwapUnknown, "Whether memory is swapped out cannot be read on this machine.",
        next: "Mount /proc, or begin outside of a container."),
      OfHost(
        .hostCore, "This program could leave a core file, with what is in its memory.",
        next: "Begin it anew, as tuf-ceremony itself. It forbids core files, and here that failed.", isFatal: true),
      OfHost(
        .hostLockLimit, "So little memory may be locked that a PIN or a key may find no place in it.",
        next: "Raise the limit: ulimit -l 8192, or memlock in /etc/security/limits.conf.", isFatal: true),
      OfHost(
        .hostOutput, "The output folder cannot be written, or what is read back from it is not what was written.",
        next: "Use another disk, with a file system that has hard links, such as ext4.", isFatal: true),
      OfHost(
        .hostMirror, "The second copy is lost, cannot be written, or does not read back as the first.",
        next: "Use another disk for it. In a ceremony: Ctrl-C, then resume with --mirror.", isFatal: true),
      OfHost(
        .hostMedium, "What is written would be in memory only, and gone with the power.",
        next: "Name a folder on a disk.", isFatal: true),
      OfHost(
        .hostMediumUnknown, "On which medium a folder is, and how much room there is, cannot be read.",
        next: "Name a folder on a disk that is mounted here."),
      OfHost(
        .hostSameMedium, "Both copies are on one medium: when it fails, both are gone.",
        next: "Name a folder on another disk for the second copy."),
      OfHost(
        .hostSpace, "A medium has less than 64 MiB left.",
        next: "Make room, or use another disk. A ceremony stops when its record cannot be written.", isFatal: true),
      OfHost(
        .pcscdGone, "pcscd is not running, so no reader can be reached.",
        next: "Start it: systemctl start pcscd. Where it is not installed: apt-get install pcscd.", isFatal: true),
      OfHost(
        .pcscdRefused, "pcscd does not let this user use cards. So polkit decides, mostly over SSH.",
        next: "Run as root, or allow it in polkit (org.debian.pcsc-lite.access_pcsc and access_card).", isFatal: true),
      OfHost(
        .hostPCSCDUnknown, "Which release of pcscd this is cannot be read.",
        next: "Find out with pcscd --version, and write it down."),
      OfHost(
        .hostReaders, "No reader is connected.", next: "Plug one in. 'card list' shows what pcscd sees.", isFatal: true),
      OfHost(
        .hostReaderOTP,
        "A reader types one-time passwords: a card that is touched by accident types into the terminal.",
        next: "End that on each card: ykman config usb --disable OTP."),
      OfHost(
        .cardShared, "Another program holds a card.",
        next: "End it; the usual one is scdaemon of GnuPG: gpgconf --kill scdaemon."),
      OfHost(
        .hostCard, "A card in a reader cannot be used: mute, or no PIV card.",
        next: "See with 'card list' which one and why. Take it out, or clean its contacts."),
      OfHost(
        .hostProgram, "This program is not the one that was expected: its file has another SHA-256.",
        next: "Stop. Install the release anew, and compare its SHA-256 with the published one.", isFatal: true),
      OfHost(
        .hostProgramUnknown, "The program cannot read its own file, so nobody can say which program this is.",
        next: "Mount /proc, or begin outside of a container.", isFatal: true),
      OfHost(
        .hostLocale, "The language settings of the terminal are not for UTF-8: names may come out wrong.",
        next: "Set it before the program begins: export LC_ALL=C.UTF-8."),
      OfHost(
        .hostTerminal, "The terminal is smaller than 80 columns and 24 rows.",
        next: "Make its window larger, or its letters smaller."),
      OfHost(
        .hostTerminalUnknown, "The size of the terminal cannot be read, or there is none.",
        next: "Begin at a terminal. In a script: --allow HOST-TERMINAL-UNKNOWN."),
    ]

    /// What is known of a code; nil for one that is not about the machine.
    package static func named(_ word: String) -> OfHost? {
      all.first { $0.code.rawValue.utf8.elementsEqual(word.utf8) }
    }
  }
}
