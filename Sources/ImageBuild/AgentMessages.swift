/// The messages of the SSH agent protocol (draft-miller-ssh-agent), as far as a RUN may speak it: it may ask which keys there are
/// and have things signed. It may not take the user's keys away, add any, or lock the agent; BuildKit allows the same.
enum AgentMessages {
  /// Bytes of a message, its length left out; OpenSSH's own bound.
  static let mostBytes = 256 * 1024

  /// SSH_AGENT_FAILURE.
  static let refusal: [UInt8] = [0, 0, 0, 1, 5]

  /// Whether the agent may be asked this.
  static func isAllowed(_ message: ArraySlice<UInt8>) -> Bool {
    // SSH_AGENTC_REQUEST_IDENTITIES and SSH_AGENTC_SIGN_REQUEST, behind the length.
    guard let type = message.dropFirst(4).first else { return false }
    return type == 11 || type == 13
  }

  /// How many bytes the message has that begins here, its length included; nil if that cannot be told yet.
  ///
  /// Throws `Oversized` for more than a message may have.
  static func count(_ bytes: ArraySlice<UInt8>) throws(Oversized) -> Int? {
    guard bytes.count >= 4 else { return nil }
    let count = bytes.prefix(4).reduce(0) { $0 << 8 | Int($1) }
    guard count <= mostBytes else { throw Oversized() }
    return count + 4
  }

  struct Oversized: Error {}
}
