import Products
import Transcript

/// Records are read from a file piece by piece.
extension FileStream: ByteSource {}
