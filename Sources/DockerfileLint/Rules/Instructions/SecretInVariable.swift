import Diagnostics
package import DockerfileSyntax
import SourceText

/// DL3064: ARG or ENV whose name says that the value is a secret.
package struct SecretInVariable: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("DL3064", "secret-in-variable"), .warning, buildkit: "SecretsUsedInArgOrEnv",
    visits: [.arg, .env], visitsTriggers: true, summary: "ARG or ENV with the name of a secret")

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    let assignments: ArraySlice<Assignment>
    switch instruction.details {
    // hadolint reads the first name only.
    case .arg(let list): assignments = context.isStrict ? list[..<min(1, list.count)] : list[...]
    case .env(let list): assignments = list[...]
    default: return
    }
    let secrets = assignments.filter { Self.isSecret($0.name.bytes, context) }
    guard let first = secrets.first else { return }
    findings.report(
      Diagnostic(
        Self.metadata.code, .warning,
        "`\(first.name.string)` sounds like a secret, and \(instruction.kind.keyword) puts its value into the image for all to read",
        at: first.name.range, notes: secrets.dropFirst().map { Note("so does this", at: $0.name.range) },
        help: "give it to the one command that needs it with `RUN --mount=type=secret`"),
      at: instruction.index)
  }

  private static func isSecret(_ name: [UInt8], _ context: LintContext) -> Bool {
    let text = name.map(\.asciiLowercased)
    if !context.isStrict, isBuildKitSecret(text) { return true }
    guard text.count >= 5 else { return false }
    let mentions = parts.contains { contains(text, $0) }
    guard mentions || names.contains(String(decoding: text, as: UTF8.self)) else { return false }
    return context.isStrict || !isHarmless(text)
  }

  /// Whether one of the words between underscores is one that BuildKit's check knows, and none says that it is harmless.
  private static func isBuildKitSecret(_ text: [UInt8]) -> Bool {
    var isSecret = false
    var start = 0
    for end in 0...text.count where end == text.count || text[end] == 0x5F {
      defer { start = end + 1 }
      // From `key` to `credentials`.
      guard (3...11).contains(end - start) else { continue }
      let word = text[start..<end]
      if harmlessWords.contains(where: { word.elementsEqual($0) }) { return false }
      if secretWords.contains(where: { word.elementsEqual($0) }) { isSecret = true }
    }
    return isSecret
  }

  private static let secretWords = [
    "apikey", "auth", "credential", "credentials", "key", "password", "pword", "passwd", "secret", "token",
  ].map { Array($0.utf8) }
  private static let harmlessWords = ["public", "file", "version"].map { Array($0.utf8) }

  /// Whether a name is not that of a secret though a secret's word is in it: what a file, a version or the public half of
  /// a pair is called; and tokens may be pieces of language.
  private static func isHarmless(_ text: [UInt8]) -> Bool {
    let words = text.split(separator: 0x5F)
    if words.contains(where: { ["file", "version", "public"].contains(String(decoding: $0, as: UTF8.self)) })
    {
      return true
    }
    guard contains(text, Array("tokeniz".utf8)) || contains(text, Array("tokenis".utf8)) else { return false }
    return !parts.contains { $0 != Array("token".utf8) && contains(text, $0) }
  }

  private static func contains(_ text: [UInt8], _ part: [UInt8]) -> Bool {
    guard text.count >= part.count else { return false }
    for start in 0...(text.count - part.count) where text[start] == part[0] {
      if text[start..<start + part.count].elementsEqual(part) { return true }
    }
    return false
  }

  private static let parts: [[UInt8]] = [
    "api_key", "client_key", "password", "private", "secret", "token", "username",
  ].map { Array($0.utf8) }

  /// Names that hold no such word, or no longer would if the words were changed; hadolint's list.
  private static let names: Set<String> = [
    "access_token", "app_secret", "application_key", "auth_token", "aws_access_key_id",
    "aws_secret_access_key",
    "bittrex_api_key", "bittrex_api_secret", "cf_password", "cf_username", "ci_deploy_password",
    "ci_deploy_user",
    "circle_token", "docker_email", "docker_password", "docker_username", "dockerhub_password",
    "facebook_access_token", "facebook_app_id", "facebook_app_secret", "firebase_api_token", "firebase_token",
    "fossa_api_key", "gh_enterprise_token", "gh_token", "github_enterprise_token", "github_token",
    "heroku_api_key", "heroku_api_user", "npm_auth_token", "npm_token", "okta_authn_groupid",
    "okta_client_orgurl", "okta_client_token", "okta_oauth2_clientid", "okta_oauth2_clientsecret",
    "openai_api_key", "os_password", "os_username", "postgres_password", "slack_token", "stripe_api_key",
    "stripe_device_name", "travis_os_name", "travis_secure_env_vars", "travis_sudo", "vault_client_key",
    "vault_token",
  ]

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: """
        A name in ARG or ENV, also inside ONBUILD, that has one of the words api_key, client_key, password, private, \
        secret, token and username in it, or between underscores one of BuildKit's: apikey, auth, credential, \
        credentials, key, passwd and pword; or is a known name of credentials. The value is not looked at.
        """,
      why: """
        ENV is part of the image's configuration and ARG of its history. Whoever can pull the image can read both.
        """,
      instead: """
        Mount the secret into the RUN that needs it: `RUN --mount=type=secret,id=token`. What a container needs is \
        given to it when it starts.
        """,
      sources: [
        "https://github.com/hadolint/hadolint",
        "https://docs.docker.com/reference/build-checks/secrets-used-in-arg-or-env/",
      ],
      examples: [
        .bad(
          """
          FROM debian:12
          ARG «NPM_TOKEN»
          ENV A=b «DB_PASSWORD»=x ‹API_KEY›=y
          ONBUILD ENV «vault_client_key»=z

          """),
        .good(
          """
          FROM debian:12
          ARG VERSION
          RUN --mount=type=secret,id=npm_token npm ci

          """),
      ],
      differences: [
        HadolintDifference(
          "The name of a file with a secret, a version and a public key are no secrets; BuildKit's check leaves them out.",
          "FROM a:1\nENV PASSWORD_FILE=/run/p\nARG TOKEN_VERSION\n", ours: [], strict: [2, 3]),
        HadolintDifference(
          "What concerns a tokenizer is no token.", "FROM a:1\nENV TOKENIZERS_PARALLELISM=false\n", ours: [],
          strict: [2]),
        HadolintDifference(
          "BuildKit's check knows more words.", "FROM a:1\nENV SSH_KEY=a\nARG DB_PASSWD\nENV AUTH=b\n",
          ours: [2, 3, 4], strict: []),
        HadolintDifference(
          "Each name of an ARG counts, not only the first.", "FROM a:1\nARG A MY_TOKEN\n", ours: [2],
          strict: []),
      ])
  }
}
