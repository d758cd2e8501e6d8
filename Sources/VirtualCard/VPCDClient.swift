import Glibc

/// The card's side of vsmartcard's virtual reader: a TCP connection on loopback over which pcscd talks to a card.
///
/// Each message is a length of two bytes, most significant first, and that many bytes. One byte 0, 1 or 2 is power off,
/// power on or reset and has no answer; one byte 4 asks for the ATR; anything else is a command APDU to be answered.
package final class VPCDClient {
  package enum Message: Hashable, Sendable {
    case powerOff
    case powerOn
    case reset
    case atr
    case command([UInt8])
  }

  /// Why there is no connection, as `errno` says it; 0 where the reader closed it.
  package struct Failure: Error, Hashable, Sendable {
    package let code: Int32
    /// The system's words.
    package var reason: String {
      code == 0 ? "the reader closed the connection" : strerror(code).map { String(cString: $0) } ?? "error \(code)"
    }
  }

  /// Readable when a message is there or the connection is gone.
  package let descriptor: Int32

  /// Connects to the reader on 127.0.0.1.
  package init(port: UInt16) throws(Failure) {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw Failure(code: errno) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    let status = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard status == 0 else {
      let code = errno
      close(descriptor)
      throw Failure(code: code)
    }
    // Short messages back and forth: waiting to fill a packet would only delay them.
    var on: Int32 = 1
    setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  /// The next message. Throws ``Failure`` when the connection is gone.
  package func receive() throws(Failure) -> Message {
    let header = try bytes(2)
    let message = try bytes(Int(header[0]) << 8 | Int(header[1]))
    guard message.count == 1 else { return .command(message) }
    return switch message[0] {
    case 0: .powerOff
    case 1: .powerOn
    case 2: .reset
    case 4: .atr
    default: .command(message)
    }
  }

  /// Sends an ATR or an answer of at most 65,535 bytes; a longer one is cut off.
  package func send(_ answer: [UInt8]) throws(Failure) {
    let count = UInt16(clamping: answer.count)
    var rest = ([UInt8(count >> 8), UInt8(truncatingIfNeeded: count)] + answer.prefix(Int(count)))[...]
    while !rest.isEmpty {
      let sent = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      if sent < 0, errno == EINTR { continue }
      guard sent > 0 else { throw Failure(code: errno) }
      rest = rest.dropFirst(sent)
    }
  }

  private func bytes(_ count: Int) throws(Failure) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var done = 0
    while done < count {
      let received = bytes.withUnsafeMutableBytes { whole in
        recv(descriptor, whole.baseAddress?.advanced(by: done), count - done, 0)
      }
      if received < 0, errno == EINTR { continue }
      guard received > 0 else { throw Failure(code: received == 0 ? 0 : errno) }
      done += received
      // The reader sends a length and holds what follows back until this is acknowledged: without delay, then.
      var on: Int32 = 1
      setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_QUICKACK, &on, socklen_t(MemoryLayout<Int32>.size))
    }
    return bytes
  }
}
