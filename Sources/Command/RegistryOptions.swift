import ArgumentParser
import Glibc
import Registry

/// How registries are spoken with.
struct RegistryOptions: ParsableArguments {
  @Flag(
    help: ArgumentHelp(
      "Take any certificate of the registry, and plain http where it speaks no https. Credentials never go over plain "
        + "http to another machine."))
  var insecure = false
  @Option(
    help: ArgumentHelp(
      "Whether the registry's certificate has to be good; false is --insecure.", valueName: "bool"))
  var tlsVerify = true
  @Option(
    help: ArgumentHelp(
      "A folder with certificates: *.crt of authorities, NAME.cert and NAME.key of the client. Default: certs.d/HOST in "
        + "/etc/docker, /etc/containers and ~/.config/containers.", valueName: "dir"))
  var certDir: String?

  /// A client that writes on standard error why it waits, unless it is to be quiet.
  func client(
    cancel: CInt = -1, credentials: CredentialStore? = nil,
    retrying: @escaping @Sendable (String) -> Void = { Exit.complain($0) }
  ) -> RegistryClient {
    var options = RegistryClient.Options()
    options.isInsecure = insecure || !tlsVerify
    options.cancel = cancel
    options.retrying = { error, pause in
      let (message, _) = registrySentence(error)
      retrying("\(message); trying again in \((pause + 999) / 1000) s")
    }
    return RegistryClient(
      transport: CurlTransport(), credentials: credentials ?? CredentialStore(environment: variable),
      trust: TrustStore(environment: variable, common: certDir, isUnverified: options.isInsecure),
      options: options)
  }
}

/// The value of an environment variable that is not empty.
func variable(_ name: String) -> String? {
  environment(name).flatMap { $0.isEmpty ? nil : String(decoding: $0, as: UTF8.self) }
}
