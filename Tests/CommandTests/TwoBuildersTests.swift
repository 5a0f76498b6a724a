import Glibc
import TestSupport
import Testing

/// Two machines, which are network namespaces, with a registry on a third one that both can reach.
@Suite(
  "Two builders share a cache",
  .enabled(if: Processes.slipway != nil, "the program has not been built"),
  .enabled(if: DockerRegistry.isInstalled, "docker-registry is not installed"),
  .enabled(if: Files.exists("/bin/busybox"), "busybox is missing (Debian: busybox-static)"),
  .enabled(if: Network.isPossible, "network namespaces cannot be made here (needs root and iproute2)"))
struct TwoBuildersTests {
  /// Starts a registry on its machine, and waits until it listens.
  private func registry(_ folder: String, _ network: Network) throws -> BackgroundProcess {
    try Files.createFolder(folder)
    try Files.write(
      Array(
        """
        version: 0.1
        log: {level: info, formatter: json}
        storage: {filesystem: {rootdirectory: \(folder)/data}}
        http: {addr: "\(Network.address):5000"}

        """.utf8), to: folder + "/config.yml")
    let process = try BackgroundProcess(
      ["ip", "netns", "exec", network.registry, "docker-registry", "serve", folder + "/config.yml"],
      log: folder + "/log")
    for _ in 0..<1000 {
      let text = String(decoding: try Files.read(folder + "/log"), as: UTF8.self)
      if text.contains("listening on \(Network.address):5000") { return process }
      usleep(20_000)
    }
    throw SetupFailure(
      text:
        "the registry does not listen: \(String(decoding: try Files.read(folder + "/log"), as: UTF8.self))")
  }

  @Test("The second builder executes nothing, and its image is the first one's")
  func sharing() throws {
    let program = try #require(Processes.slipway)
    try Files.withTemporaryFolder { folder in
      let network = try Network()
      let server = try registry(folder + "/registry", network)
      defer { withExtendedLifetime(server) {} }
      try Files.createFolder(folder + "/c")
      #expect(try Processes.run("cp", ["/bin/busybox", folder + "/c/busybox"]).status == 0)
      // What is executed twice gives two different images.
      try Files.write(
        Array(
          """
          FROM scratch AS base
          COPY busybox /bin/busybox
          SHELL ["/bin/busybox", "sh", "-c"]
          RUN busybox cat /proc/sys/kernel/random/uuid > /id
          FROM base AS part
          RUN busybox cat /proc/sys/kernel/random/uuid > /part
          FROM base
          COPY --from=part /part /part
          RUN busybox cat /id /part > /both

          """.utf8), to: folder + "/c/Dockerfile")
      let cache = "type=registry,ref=\(Network.address):5000/team/app:cache"
      func build(_ builder: String) throws -> (digest: String, progress: String) {
        let result = try Processes.run(
          "ip",
          [
            "netns", "exec", builder, program, "build", "--insecure", "--progress", "plain", "--cache-from",
            cache,
            "--cache-to", cache + ",mode=max", "--iidfile", "\(folder)/\(builder).id", "c",
          ],
          environment: [
            "HOME": "\(folder)/\(builder)", "SLIPWAY_ROOT": "\(folder)/\(builder)/store",
            "SOURCE_DATE_EPOCH": nil,
            "DOCKER_CONFIG": nil, "REGISTRY_AUTH_FILE": nil, "XDG_CONFIG_HOME": nil, "http_proxy": nil,
            "HTTP_PROXY": nil, "https_proxy": nil, "HTTPS_PROXY": nil, "ALL_PROXY": nil, "all_proxy": nil,
          ], folder: folder)
        #expect(result.status == 0, "\(builder): \(result.errorText)")
        return (
          String(decoding: try Files.read("\(folder)/\(builder).id"), as: UTF8.self), result.errorText
        )
      }
      let first = try build(network.builders[0])
      #expect(first.progress.contains("there is no cache yet"), "\(first.progress)")
      let second = try build(network.builders[1])
      #expect(second.digest == first.digest)
      let lines = second.progress.split(separator: "\n")
      let steps = lines.filter { $0.contains(" COPY ") || $0.contains(" RUN ") }
        .compactMap { $0.split(separator: " ").first }
      #expect(Set(steps).count == 5, "\(second.progress)")
      for step in Set(steps) { #expect(lines.contains("\(step) CACHED"), "\(step): \(second.progress)") }
    }
  }
}

/// The registry's machine with one cable to each builder. It is gone with the value.
private final class Network {
  static let isPossible: Bool = {
    guard geteuid() == 0, Processes.find("ip") != nil else { return false }
    let name = "slipway-probe-\(getpid())"
    guard (try? Processes.run("ip", ["netns", "add", name]))?.status == 0 else { return false }
    let probe = try? Processes.run("ip", ["netns", "exec", name, "ip", "link", "set", "lo", "up"])
    _ = try? Processes.run("ip", ["netns", "delete", name])
    return probe?.status == 0
  }()

  /// On the loopback device of the registry's machine, where nobody else can have it.
  static let address = "10.99.0.1"

  let registry: String
  let builders: [String]

  init() throws {
    let prefix = "slipway-\(getpid())-"
    registry = prefix + "registry"
    builders = [prefix + "one", prefix + "two"]
    for name in [registry] + builders {
      try Self.ip("netns", "add", name)
      try Self.ip("-n", name, "link", "set", "lo", "up")
    }
    try Self.ip("-n", registry, "address", "add", "\(Self.address)/32", "dev", "lo")
    for (number, builder) in builders.enumerated() {
      let cable = "c\(number)"
      try Self.ip(
        "-n", registry, "link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", builder)
      try Self.ip("-n", registry, "address", "add", "10.99.\(number + 1).1/30", "dev", cable)
      try Self.ip("-n", registry, "link", "set", cable, "up")
      try Self.ip("-n", builder, "address", "add", "10.99.\(number + 1).2/30", "dev", "eth0")
      try Self.ip("-n", builder, "link", "set", "eth0", "up")
      try Self.ip("-n", builder, "route", "add", "default", "via", "10.99.\(number + 1).1")
    }
  }

  deinit {
    for name in [registry] + builders { _ = try? Processes.run("ip", ["netns", "delete", name]) }
  }

  private static func ip(_ arguments: String...) throws {
    let result = try Processes.run("ip", arguments)
    guard result.status == 0 else {
      throw SetupFailure(text: "ip \(arguments.joined(separator: " ")): \(result.errorText)")
    }
  }
}

/// Why there is no network, or no registry.
private struct SetupFailure: Error {
  let text: String
}
