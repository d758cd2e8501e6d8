/// What is signed of a typed payload: DSSE's pre-authentication encoding
/// (https://github.com/secure-systems-lab/dsse, protocol 1.0.2), so that no payload of one type is one of another.
enum PreAuthentication {
  /// `DSSEv1 LEN(type) type LEN(payload) payload`, lengths in decimal.
  static func encode(_ type: String, _ payload: [UInt8]) -> [UInt8] {
    Array("DSSEv1 \(type.utf8.count) \(type) \(payload.count) ".utf8) + payload
  }
}
