import Glibc
import JSONText
import OCIModel
import Synchronization

// Docker's token protocol (distribution/docs/spec/auth/token.md and oauth.md): a registry names a server, which gives a token
// for some scopes to who shows a credential, or to everybody.
extension RegistryClient {
  /// The value of the `Authorization` header; nil as long as the registry has not asked for one, or if there is nothing
  /// to show.
  func authorization(
    for access: Access, on host: RegistryHost, base: HTTPURL
  ) throws(RegistryError) -> (value: String, isSecret: Bool)? {
    try host.authentication.withLock { state throws(RegistryError) in
      guard let challenge = state.challenge else { return nil }
      let credential = try credential(for: access, on: host, &state)
      if credential != nil, !base.isConfidential { throw .plainHTTP(host: base.authority) }
      if case .registryToken? = credential { return credential.map { ($0.authorization, true) } }
      if challenge.scheme == "basic" {
        guard case .password? = credential else { return nil }
        return credential.map { ($0.authorization, true) }
      }
      if let token = state.tokens[access.scopes], token.expires > Self.now() {
        return ("Bearer " + token.value, token.isSecret)
      }
      let token = try fetchToken(challenge, access, credential)
      state.tokens[access.scopes] = token
      return ("Bearer " + token.value, token.isSecret)
    }
  }

  private func credential(
    for access: Access, on host: RegistryHost, _ state: inout RegistryHost.Authentication
  ) throws(RegistryError) -> Credential? {
    if let known = state.credentials[access.path] { return known }
    let found: Credential?
    do throws(CredentialError) {
      found = try credentials.credential(domain: host.domain, path: access.path)
    } catch {
      throw .credential(error)
    }
    state.credentials[access.path] = .some(found)
    return found
  }

  private func fetchToken(
    _ challenge: AuthChallenge, _ access: Access, _ credential: Credential?
  ) throws(RegistryError) -> RegistryHost.Token {
    guard let realm = challenge["realm"], let server = HTTPURL(parsing: realm) else {
      throw .malformed(host: "", reason: "it names no token server")
    }
    if credential != nil, !server.isConfidential { throw .plainHTTP(host: server.authority) }
    // What is needed, and what the registry says would be needed: the latter may know more.
    var scopes = access.scopes
    for scope in challenge["scope"]?.split(separator: " ").map(String.init) ?? [] {
      let subject = scope.prefix(upTo: scope.lastIndex(of: ":") ?? scope.endIndex) + ":"
      if !scopes.contains(where: { $0.hasPrefix(subject) }) { scopes.append(scope) }
    }
    let answer = try retrying { () throws(RegistryError) in
      if case .identityToken(let token)? = credential {
        var fields = [("grant_type", "refresh_token"), ("service", challenge["service"] ?? "")]
        fields += [
          ("client_id", "slipway"), ("scope", scopes.joined(separator: " ")), ("refresh_token", token),
        ]
        let form = fields.map { HTTPURL.encoded($0.0) + "=" + HTTPURL.encoded($0.1) }.joined(separator: "&")
        let request = HTTPRequest(
          "POST", server, headers: [HTTPHeader("Content-Type", "application/x-www-form-urlencoded")],
          body: .bytes(Array(form.utf8)))
        return try attemptToken(request, authorization: nil)
      }
      var url = server
      if let service = challenge["service"] { url = url.adding("service", service) }
      for scope in scopes { url = url.adding("scope", scope) }
      if case .password(let user, _)? = credential { url = url.adding("account", user) }
      return try attemptToken(HTTPRequest("GET", url), authorization: credential?.authorization)
    }
    return try Self.token(answer, server, isSecret: credential != nil)
  }

  private static func token(
    _ answer: [UInt8], _ server: HTTPURL, isSecret: Bool
  ) throws(RegistryError) -> RegistryHost.Token {
    let document: JSONValue
    do throws(DocumentError) {
      document = try JSONReader.read(answer, limit: 1 << 20)
    } catch {
      throw .token(host: server.authority, reason: "it is no JSON")
    }
    var found: String?
    for name in ["token", "access_token"] {
      if found == nil, case .string(let text)? = document[name], !text.isEmpty { found = text }
    }
    guard let found, found.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
      throw .token(host: server.authority, reason: "there is no token in it")
    }
    // Without a word, a minute; and never less, as the protocol wants it.
    var seconds: Int64 = 60
    if case .integer(let number)? = document["expires_in"] { seconds = min(max(number, 60), 1 << 31) }
    return RegistryHost.Token(value: found, expires: now() + seconds - 10, isSecret: isSecret)
  }

  /// Seconds of a clock that nobody sets.
  private static func now() -> Int64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec)
  }

  /// Asks a registry whether it lets somebody in: for `login`.
  ///
  /// - Throws: `.unauthorized` if not.
  package func checkAccess(domain: String) throws(RegistryError) {
    _ = try call(Call(method: "GET"), on: host(domain))
  }
}
