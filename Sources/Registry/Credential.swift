/// What a registry is shown to let somebody in. Never printed: its description says only that there is one.
package enum Credential: Hashable, Sendable {
  case password(user: String, password: String)
  /// A refresh token of the registry's token server (config.json's `identitytoken`).
  case identityToken(String)
  /// A token for the registry itself (config.json's `registrytoken`).
  case registryToken(String)
}

extension Credential: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  package var description: String { "(credential)" }
  package var debugDescription: String { description }
  package var customMirror: Mirror { Mirror(self, children: []) }

  /// The value of an `Authorization` header.
  var authorization: String {
    switch self {
    case .password(let user, let password): "Basic " + Base64.encode(Array("\(user):\(password)".utf8))
    case .identityToken(let token), .registryToken(let token): "Bearer " + token
    }
  }
}

/// Why a credential cannot be had, or kept. Nothing secret is in it.
package enum CredentialError: Error, Hashable, Sendable {
  /// The file cannot be read or written; `errno`.
  case file(path: String, code: Int32)
  /// The file is not what docker or podman write; what is wrong.
  case document(path: String, reason: String)
  /// `docker-credential-<name>` cannot be started; `errno`.
  case helperMissing(name: String, code: Int32)
  /// It ended with this status and these words.
  case helperFailed(name: String, status: Int32, message: String)
  /// There is no folder for the file: neither DOCKER_CONFIG nor HOME is set.
  case noHome
}
