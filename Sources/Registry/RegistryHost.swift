import Synchronization

/// What is known of one registry.
final class RegistryHost: Sendable {
  /// As in the names of its images.
  let domain: String
  /// `host[:port]` of the server.
  let authority: String
  private let schemeBox = Mutex<HTTPURL.Scheme?>(nil)
  /// Held while a token is fetched, so that others wait for it instead of fetching it too.
  let authentication = Mutex(Authentication())

  struct Authentication {
    /// What the registry wants to see; nil as long as it has not said so.
    var challenge: AuthChallenge?
    /// By the scopes that they are for.
    var tokens: [[String]: Token] = [:]
    /// By repository; the inner nil is for none.
    var credentials: [String: Credential?] = [:]
  }

  struct Token {
    var value: String
    /// Seconds of the monotonic clock.
    var expires: Int64
    /// Whether a credential was shown for it.
    var isSecret: Bool
  }

  init(_ domain: String) {
    self.domain = domain
    authority = domain == DockerHub.domain ? DockerHub.registry : domain
  }

  func scheme(
    _ find: () throws(RegistryError) -> HTTPURL.Scheme
  ) throws(RegistryError) -> HTTPURL.Scheme {
    try schemeBox.withLock { scheme throws(RegistryError) in
      if let known = scheme { return known }
      let found = try find()
      scheme = found
      return found
    }
  }

  /// Takes in an answer 401.
  /// - Returns: whether it makes sense to ask once more.
  func learn(_ response: HTTPResponse, access: RegistryClient.Access) throws(RegistryError) -> Bool {
    let challenges = response.values("WWW-Authenticate").flatMap(AuthChallenge.parse)
    let wanted =
      challenges.first { $0.scheme == "bearer" && $0["realm"] != nil }
      ?? challenges.first { $0.scheme == "basic" }
    guard let wanted else { return false }
    authentication.withLock { state in
      state.challenge = wanted
      state.tokens[access.scopes] = nil
    }
    return true
  }
}
