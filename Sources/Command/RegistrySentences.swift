import OCIModel
import Registry

/// What is wrong with a registry, and what to do.
func registrySentence(_ error: RegistryError) -> (message: String, help: String?) {
  switch error {
  case .noLibrary(let reason):
    return (
      "registries cannot be reached: libcurl is not here (\(reason))", "install libcurl (Debian: libcurl4)"
    )
  case .unreachable(let host, let code, let message):
    return ("\(host) cannot be reached: \(message)", unreachableHelp(code))
  case .certificate(let host, let message):
    return (
      "\(host) cannot be trusted: \(message)",
      "put the certificate of its authority into /etc/docker/certs.d/\(host)/ca.crt or ~/.config/containers/certs.d/"
        + "\(host)/ca.crt, or use --insecure"
    )
  case .trust(let path, let code): return ("the certificate file \(path): \(errorText(code))", nil)
  case .status, .unauthorized, .notFound, .rateLimited: return answerSentence(error)
  case .plainHTTP(let host):
    return (
      "\(host) speaks plain http, and asks for a password, which is not sent that way to another machine",
      "give the registry a certificate, or remove its entry with `slipway logout \(host)`"
    )
  case .insecureMirror(let host):
    return ("\(host) is written with http://, and is on another machine", "use --insecure")
  case .redirection(let host):
    return ("\(host) redirects to where it must not: to plain http, or on and on", nil)
  case .token(let host, let reason):
    return ("the token server \(host) gives an answer that is none: \(reason)", nil)
  case .credential(let error): return credentialSentence(error)
  case .malformed(let host, let reason):
    return ("the answer of \(host.isEmpty ? "the registry" : host) breaks the protocol: \(reason)", nil)
  case .tooLarge(let what, let limit): return ("\(what) has more than \(limit) bytes, which is refused", nil)
  case .wrongContent(let expected, let actual):
    return (
      "the registry sends or keeps something else than \(expected): its digest is \(actual)",
      "nothing of it was kept; the registry, or something on the way to it, is broken"
    )
  case .wrongSize(let digest, let expected, let actual):
    return (
      "the registry sends \(actual) bytes for \(digest), which has \(expected)", "nothing of it was kept"
    )
  case .unsupportedManifest(let type):
    return (
      "the registry sends \(type.rawValue.isEmpty ? "a document without a type" : type.rawValue), which is no manifest that can be read",
      type.rawValue.contains("manifest.v1")
        ? "the image is in docker's first format: pull it with an old docker and push it anew" : nil
    )
  case .document(let name, let error): return ("\(name): \(documentSentence(error))", nil)
  case .incomplete(let digest, let platform):
    return (
      "\(platform.map { "the image for \($0)" } ?? digest.description) is not in the local store",
      "pull all of it with `slipway pull --all-platforms`, or push one platform with --platform"
    )
  case .store(let error): return (storeSentence(error), nil)
  case .cancelled: return ("interrupted", nil)
  }
}

/// Why mirrors cannot be used.
func mirrorSentence(_ error: MirrorError) -> String {
  switch error {
  case .host(let text): "`\(text)` is no name of a registry"
  case .url(let text): "`\(text)` is no address of a mirror: https://HOST[:PORT][/PATH]"
  case .file(let code): errorText(code)
  case .document(let reason): reason
  }
}

/// Why a mirror was passed over.
func mirrorSentence(_ host: String, _ error: RegistryError) -> String {
  let (message, help) = registrySentence(error)
  // What helps with a registry is of no use for a mirror, but for this.
  let hint = if case .insecureMirror = error { help.map { " (\($0))" } ?? "" } else { "" }
  return "the mirror \(host) is passed over: \(message)\(hint)"
}

private func unreachableHelp(_ code: Int) -> String? {
  switch code {
  case 6: "see whether the name is right, and whether this machine has a network"
  case 5: "see HTTPS_PROXY and HTTP_PROXY"
  case 7: "see whether a registry runs there; a proxy is taken from HTTPS_PROXY"
  default: nil
  }
}

private func answerSentence(_ error: RegistryError) -> (message: String, help: String?) {
  switch error {
  case .status(let answer):
    let help: String? =
      switch answer.status {
      case 403: "the account may not do this there"
      case 413: "the registry, or a proxy before it, takes no bodies of this size"
      case 500...: "the registry has a fault: try again later"
      default: nil
      }
    return ("\(answer.host) answers \(answer.status)\(words(answer)) to \(answer.request)", help)
  case .unauthorized(let answer, let hasCredential):
    return (
      "\(answer.host) does not let \(hasCredential ? "this account" : "everybody") in\(words(answer)) (401 to \(answer.request))",
      hasCredential
        ? "see whether the account has the right to, and whether its password is still right: `slipway login`"
        : "log in with `slipway login`, or see whether the name is right: registries hide what does not exist"
    )
  case .notFound(let answer):
    return (
      "\(answer.host) has no such image\(words(answer)) (404 to \(answer.request))",
      "see whether name and tag are right, and whether it is for logged-in accounts only: `slipway login`"
    )
  case .rateLimited(let answer):
    let wait = answer.retryAfter.map { ", for \($0) s" } ?? ""
    return (
      "\(answer.host) takes no more requests\(wait)\(words(answer)) (429)",
      "wait, or log in: accounts have higher limits than addresses"
    )
  default: return ("\(error)", nil)
  }
}

private func words(_ answer: RegistryAnswer) -> String {
  let text = [answer.code, answer.message].filter { !$0.isEmpty }.joined(separator: ": ")
  return text.isEmpty ? "" : " (\(text))"
}

func credentialSentence(_ error: CredentialError) -> (message: String, help: String?) {
  switch error {
  case .file(let path, let code): ("\(path): \(errorText(code))", nil)
  case .document(let path, let reason):
    ("\(path): \(reason)", "mend the file, or move it away and log in again")
  case .helperMissing(let name, let code):
    (
      "\(name) cannot be started: \(errorText(code))",
      "install it, or take its name out of docker's config.json (credsStore, credHelpers)"
    )
  case .helperFailed(let name, let status, let message):
    ("\(name) failed\(status == 0 ? "" : " (status \(status))")\(message.isEmpty ? "" : ": \(message)")", nil)
  case .noHome: ("there is no folder for credentials: set DOCKER_CONFIG or HOME", nil)
  }
}

extension Exit {
  /// The tool could not work when network or system refused something; otherwise the registry's answer is no.
  static func status(of error: RegistryError) -> Int32 {
    switch error {
    case .store(let error): status(of: error)
    case .noLibrary, .unreachable, .certificate, .trust, .credential, .plainHTTP, .insecureMirror: unable
    default: failed
    }
  }
}
