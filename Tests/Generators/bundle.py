"""Archives in the form of a bundle, written from POSIX.1-1988 ustar: the same bytes as Sources/Bundles writes."""


def bundle(files, seconds=0):
    """Contents by path, in the order of their paths, all of one time in seconds since 1970."""
    packed = b""
    for name, content in sorted(files.items()):
        fields = [(b"ceremony/" + name.encode(), 100), (b"0000644", 8), (b"0000000", 8), (b"0000000", 8),
                  (b"%011o" % len(content), 12), (b"%011o" % seconds, 12), (b" " * 8, 8), (b"0", 1), (b"", 100),
                  (b"ustar", 6), (b"00", 2), (b"", 64), (b"0000000", 8), (b"0000000", 8), (b"", 167)]
        header = b"".join(value.ljust(width, b"\0") for value, width in fields)
        packed += header[:148] + b"%06o\0 " % sum(header) + header[156:] + content + bytes(-len(content) % 512)
    return packed + bytes(1024)
