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
    cancel: CInt = -1, credentials: CredentialStore? = nil, mirrors: [RegistryMirror] = [],
    retrying: @escaping @Sendable (String) -> Void = { Exit.complain($0) }
  ) -> RegistryClient {
    var options = RegistryClient.Options()
    options.isInsecure = insecure || !tlsVerify
    options.mirrors = mirrors
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

/// The mirrors that are asked for images before their registry.
struct MirrorOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A mirror that is asked before the registry HOST, which is docker.io if it is left out. May be repeated. "
        + "Default: SLIPWAY_REGISTRY_MIRRORS, else registry-mirrors in docker's daemon.json.",
      valueName: "[host=]url"))
  var registryMirror: [String] = []

  /// Reads the options, else the environment, else docker's file.
  ///
  /// - Parameter note: told what is wrong with docker's file, which is no reason not to work.
  func mirrors(_ note: (String) -> Void = { Exit.complain($0) }) throws -> [RegistryMirror] {
    if !registryMirror.isEmpty {
      return try registryMirror.map { text in try Self.read(text, from: "--registry-mirror") }
    }
    // Empty is a value too: it turns docker's file off.
    if let value = environment("SLIPWAY_REGISTRY_MIRRORS") {
      return try String(decoding: value, as: UTF8.self).split { $0 == "," || $0.isWhitespace }
        .map { text in try Self.read(String(text), from: "SLIPWAY_REGISTRY_MIRRORS") }
    }
    let config = variable("XDG_CONFIG_HOME") ?? variable("HOME").map { $0 + "/.config" }
    for path in [config.map { $0 + "/docker/daemon.json" }, "/etc/docker/daemon.json"].compactMap(\.self) {
      do throws(MirrorError) {
        // As with docker, the first file that there is counts.
        if let mirrors = try RegistryMirror.read(daemonFile: path) { return mirrors }
      } catch {
        note("\(path): \(mirrorSentence(error)); its registry-mirrors are not used")
        return []
      }
    }
    return []
  }

  private static func read(_ text: String, from source: String) throws -> RegistryMirror {
    do throws(MirrorError) {
      return try RegistryMirror(parsing: text)
    } catch {
      throw Failure(
        "\(source): \(mirrorSentence(error)); write HOST=https://MIRROR, or a URL alone for docker.io",
        status: Exit.unable)
    }
  }
}

/// The value of an environment variable that is not empty.
func variable(_ name: String) -> String? {
  environment(name).flatMap { $0.isEmpty ? nil : String(decoding: $0, as: UTF8.self) }
}
