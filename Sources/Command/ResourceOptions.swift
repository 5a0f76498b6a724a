import ArgumentParser
import Glibc
import ImageBuild
import Isolation

/// What a RUN may use: docker's options.
struct ResourceOptions: ParsableArguments {
  @Option(
    name: [.customShort("m"), .long],
    help: ArgumentHelp(
      "Memory that a RUN may use: bytes, or with k, m or g. Needs cgroups; `slipway doctor` says whether they are there.",
      valueName: "bytes"))
  var memory: String?
  @Option(
    help: ArgumentHelp(
      "Memory and swap together; -1 for as much swap as there is. Default: twice --memory.",
      valueName: "bytes"))
  var memorySwap: String?
  @Option(
    name: [.customShort("c"), .long],
    help: ArgumentHelp(
      "The weight of a RUN where others want the processor too: 2 to 262144. Default: 1024.",
      valueName: "number"))
  var cpuShares: String?
  @Option(
    help: ArgumentHelp(
      "The microseconds that --cpu-quota is counted in: 1000 to 1000000. Default: 100000.",
      valueName: "microseconds"))
  var cpuPeriod: String?
  @Option(
    help: ArgumentHelp(
      "The microseconds of processor time that a RUN has in each period, 1000 or more.",
      valueName: "microseconds"))
  var cpuQuota: String?
  @Option(help: ArgumentHelp("The processors that a RUN may use, as in 0-3,5.", valueName: "list"))
  var cpusetCpus: String?
  @Option(help: ArgumentHelp("The size of /dev/shm for RUN. Default: 64m.", valueName: "bytes"))
  var shmSize: String?
  @Option(
    help: ArgumentHelp(
      "A limit of each process of a RUN, as in nofile=1024:4096; -1 is no limit. May be repeated.",
      valueName: "name=soft[:hard]"))
  var ulimit: [String] = []

  /// Tells the build; what makes no sense is an error before anything is run.
  func apply(to request: inout BuildRequest) throws {
    request.resources = try resources()
    request.sharedMemory = try shmSize.map { try Self.bytes($0, "--shm-size") }
    request.processLimits = try ulimit.map(Self.limit)
  }

  private func resources() throws -> StepResources {
    var resources = StepResources()
    if let memory {
      let bytes = try Self.bytes(memory, "--memory")
      // docker's bound; a shell alone does not start with less.
      guard bytes >= 6 << 20 else { throw Self.failure("--memory \(memory): write 6m or more") }
      resources.memory = bytes
    }
    if let memorySwap {
      guard let memory = resources.memory else {
        throw Self.failure("--memory-swap is memory and swap together: write --memory too")
      }
      if memorySwap == "-1" {
        resources.memoryAndSwap = .unlimited
      } else {
        let bytes = try Self.bytes(memorySwap, "--memory-swap")
        guard bytes >= memory else {
          throw Self.failure(
            "--memory-swap \(memorySwap) is memory and swap together: write as much as --memory, or more")
        }
        resources.memoryAndSwap = .bytes(bytes)
      }
    }
    resources.processorShares = try cpuShares.map { try Self.number($0, "--cpu-shares", 2...262_144) }
    resources.processorPeriod = try cpuPeriod.map { try Self.number($0, "--cpu-period", 1000...1_000_000) }
    // As with docker, -1 and 0 are no limit.
    if let cpuQuota, cpuQuota != "-1", cpuQuota != "0" {
      resources.processorQuota = try Self.number(cpuQuota, "--cpu-quota", 1000...(1 << 40))
    }
    if let cpusetCpus {
      guard processorNumbers(cpusetCpus) != nil else {
        throw Self.failure("--cpuset-cpus \(cpusetCpus): write numbers and ranges, as in 0-3,5")
      }
      resources.processors = cpusetCpus
    }
    return resources
  }

  /// As docker reads sizes: k, m, g and t are powers of 1024, and a b may follow.
  private static func bytes(_ text: String, _ option: String) throws -> UInt64 {
    var number = text.lowercased()
    if number.hasSuffix("b") { number.removeLast() }
    guard let value = LimitOptions.number(number), value < 1 << 60 else {
      throw failure("\(option) \(text): write bytes, or a number with k, m or g behind it")
    }
    return UInt64(value)
  }

  private static func number(_ text: String, _ option: String, _ range: ClosedRange<UInt64>) throws -> UInt64
  {
    guard let value = UInt64(text), range.contains(value) else {
      throw failure("\(option) \(text): write a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  private static func failure(_ message: String) -> Failure { Failure(message, status: Exit.unable) }

  // MARK: ulimit

  /// docker's names. `locks` is missing: Linux keeps no such limit since 2.4.
  private static let names: [(name: String, resource: ResourceLimit.Resource)] = [
    ("as", .addressSpace), ("core", .core), ("cpu", .cpu), ("data", .data), ("fsize", .fileSize),
    ("memlock", .lockedMemory), ("msgqueue", .messageQueue), ("nice", .nice), ("nofile", .openFiles),
    ("nproc", .processes), ("rss", .residentSet), ("rtprio", .realTimePriority), ("rttime", .realTimeTimeout),
    ("sigpending", .pendingSignals), ("stack", .stack),
  ]

  private static func limit(_ text: String) throws -> ResourceLimit {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2 else {
      throw failure("--ulimit \(text): write NAME=SOFT:HARD, as in nofile=1024:4096")
    }
    if parts[0] == "locks" {
      throw failure("--ulimit \(text): Linux has had no such limit since 2.4: leave it out")
    }
    guard let resource = names.first(where: { $0.name == parts[0] })?.resource else {
      throw failure(
        "--ulimit \(text): `\(parts[0])` is no limit; there are \(names.map(\.name).joined(separator: ", "))")
    }
    let values = try parts[1].split(separator: ":", omittingEmptySubsequences: false).map { part -> UInt64? in
      if part == "-1" || part == "unlimited" { return nil }
      guard let value = UInt64(part), value < .max else {
        throw failure("--ulimit \(text): `\(part)` is no number")
      }
      return value
    }
    guard (1...2).contains(values.count) else {
      throw failure("--ulimit \(text): write NAME=SOFT:HARD, as in nofile=1024:4096")
    }
    let (soft, hard) = (values[0], values[values.count - 1])
    guard soft ?? .max <= hard ?? .max else {
      throw failure("--ulimit \(text): the soft limit is above the hard one")
    }
    return ResourceLimit(resource, soft: soft, hard: hard)
  }
}

// MARK: Sentences

/// A command that has failed when there was no memory left.
func outOfMemorySentence(
  _ status: ExitStatus, _ limit: UInt64?, keyword: String
) -> (message: String, help: String?) {
  let bound = limit.map { " of \(sizeText($0))" } ?? ""
  return (
    "\(keyword) had no memory left: the kernel killed a process of it at its limit\(bound) (status \(status.shellCode))",
    "allow more with --memory, or let the command do less at once (make -j1)"
  )
}

/// Bytes as --memory takes them, where that is a round number.
private func sizeText(_ bytes: UInt64) -> String {
  for (shift, unit) in [(30, "g"), (20, "m"), (10, "k")] as [(UInt64, String)]
  where bytes >= 1 << shift && bytes % (1 << shift) == 0 {
    return "\(bytes >> shift)\(unit)"
  }
  return "\(bytes) bytes"
}

/// What to do where a limit cannot be kept.
func resourceHelp(_ problem: ControlGroupProblem) -> String {
  let scope = "systemd-run --user --scope -p Delegate=yes slipway build …"
  return switch problem {
  case .noController(_, nil): "leave the limit out, or mount the controller below /sys/fs/cgroup"
  case .noController: "have it delegated: as root `slipway build` finds it, as a user with systemd: \(scope)"
  case .notDelegated(_, EROFS):
    "a container needs its cgroups writable; or limit the container itself, and leave the limit out here"
  case .notDelegated, .notMovable: "build as root, or in a cgroup of your own; with systemd: \(scope)"
  case .occupied: "start slipway alone in a cgroup; with systemd: \(scope)"
  case .limited: "start slipway in a cgroup that it may divide; with systemd: \(scope)"
  case .refused("cpuset.cpus", _, _):
    "name processors that this machine has, and this process may use (nproc)"
  case .refused("memory.memsw.limit_in_bytes", _, _), .refused("memory.swap.max", _, _):
    "leave --memory-swap out: this kernel does not count swap"
  case .refused: "choose another value, or leave the limit out"
  }
}
