package import JSONText

/// How a container of the image runs by default (config.md, `config`), with docker's
/// `Healthcheck`, `OnBuild`, `Shell`, `StopTimeout` and `ArgsEscaped`.
package struct ContainerConfig: Hashable, Sendable {
  package var user: String?
  /// `port/protocol`, sorted by bytes when written.
  package var exposedPorts: [String]
  /// `NAME=value`, in the order of definition.
  package var environment: [String]
  /// nil is "not set", an empty list is "set to nothing".
  package var entrypoint: [String]?
  package var command: [String]?
  /// Paths, sorted by bytes when written.
  package var volumes: [String]
  package var workingDirectory: String?
  package var labels: StringMap
  package var stopSignal: String?
  package var argsEscaped: Bool?
  package var healthcheck: Healthcheck?
  package var onBuild: [String]
  /// Seconds.
  package var stopTimeout: Int64?
  package var shell: [String]?
  package var others: [JSONValue.Member]

  package init() {
    exposedPorts = []
    environment = []
    volumes = []
    labels = [:]
    onBuild = []
    others = []
  }

  init(_ reader: ObjectReader) throws(DocumentError) {
    user = Self.nonEmpty(try reader.string("User"))
    exposedPorts = try reader.keySet("ExposedPorts") ?? []
    environment = try reader.strings("Env") ?? []
    entrypoint = try reader.strings("Entrypoint")
    command = try reader.strings("Cmd")
    volumes = try reader.keySet("Volumes") ?? []
    workingDirectory = Self.nonEmpty(try reader.string("WorkingDir"))
    labels = try reader.stringMap("Labels") ?? [:]
    stopSignal = Self.nonEmpty(try reader.string("StopSignal"))
    argsEscaped = try reader.bool("ArgsEscaped")
    healthcheck = try reader.object("Healthcheck").map { reader throws(DocumentError) in
      try Healthcheck(reader)
    }
    onBuild = try reader.strings("OnBuild") ?? []
    stopTimeout = try reader.integer("StopTimeout")
    shell = try reader.strings("Shell")
    others = reader.others(than: [
      "User", "ExposedPorts", "Env", "Entrypoint", "Cmd", "Volumes", "WorkingDir", "Labels", "StopSignal",
      "ArgsEscaped", "Healthcheck", "OnBuild", "StopTimeout", "Shell",
    ])
  }

  private static func nonEmpty(_ text: String?) -> String? { text?.isEmpty == true ? nil : text }

  package func write(to writer: inout JSONWriter) {
    writer.object { writer in
      writer.member("User", ifPresent: user)
      if !exposedPorts.isEmpty { writer.member("ExposedPorts", keySet: exposedPorts) }
      if !environment.isEmpty { writer.member("Env", environment) }
      // As with BuildKit there is no key for an empty list.
      writer.member("Entrypoint", ifPresent: entrypoint.flatMap { $0.isEmpty ? nil : $0 })
      writer.member("Cmd", ifPresent: command.flatMap { $0.isEmpty ? nil : $0 })
      if !volumes.isEmpty { writer.member("Volumes", keySet: volumes) }
      writer.member("WorkingDir", ifPresent: workingDirectory)
      if !labels.isEmpty { writer.member("Labels", labels) }
      writer.member("StopSignal", ifPresent: stopSignal)
      writer.member("ArgsEscaped", ifPresent: argsEscaped)
      if let healthcheck { writer.member("Healthcheck") { healthcheck.write(to: &$0) } }
      if !onBuild.isEmpty { writer.member("OnBuild", onBuild) }
      writer.member("StopTimeout", ifPresent: stopTimeout)
      writer.member("Shell", ifPresent: shell)
      writer.members(others)
    }
  }
}

/// docker's health check; times are nanoseconds, and what is absent is inherited.
package struct Healthcheck: Hashable, Sendable {
  /// `["NONE"]`, `["CMD", …]` or `["CMD-SHELL", command]`.
  package var test: [String]?
  package var interval: Int64?
  package var timeout: Int64?
  package var startPeriod: Int64?
  package var startInterval: Int64?
  package var retries: Int64?

  package init(
    test: [String]?, interval: Int64? = nil, timeout: Int64? = nil, startPeriod: Int64? = nil,
    startInterval: Int64? = nil, retries: Int64? = nil
  ) {
    self.test = test
    self.interval = interval
    self.timeout = timeout
    self.startPeriod = startPeriod
    self.startInterval = startInterval
    self.retries = retries
  }

  init(_ reader: ObjectReader) throws(DocumentError) {
    test = try reader.strings("Test")
    interval = try reader.integer("Interval")
    timeout = try reader.integer("Timeout")
    startPeriod = try reader.integer("StartPeriod")
    startInterval = try reader.integer("StartInterval")
    retries = try reader.integer("Retries")
  }

  func write(to writer: inout JSONWriter) {
    writer.object { writer in
      writer.member("Test", ifPresent: test)
      writer.member("Interval", ifPresent: interval)
      writer.member("Timeout", ifPresent: timeout)
      writer.member("StartPeriod", ifPresent: startPeriod)
      writer.member("StartInterval", ifPresent: startInterval)
      writer.member("Retries", ifPresent: retries)
    }
  }
}
