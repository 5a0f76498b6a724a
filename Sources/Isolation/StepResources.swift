/// What a process and all that it starts may use together, by control groups. `nil` is no limit.
package struct StepResources: Sendable, Equatable {
  /// Bytes of memory.
  package var memory: UInt64?
  /// Bytes of memory and swap together; needs `memory`.
  package var memoryAndSwap: SwapLimit?
  /// The weight against others that want the processor too: 2 to 262144, 1024 is what everybody has.
  package var processorShares: UInt64?
  /// Microseconds in which `processorQuota` is counted.
  package var processorPeriod: UInt64?
  /// Microseconds of processor time in each period.
  package var processorQuota: UInt64?
  /// The processors that may be used, as cpuset(7) lists them: `0-3,5`.
  package var processors: String?
  /// Processes and threads at once.
  package var processes: UInt32?

  /// How much swap there may be.
  package enum SwapLimit: Sendable, Equatable {
    case bytes(UInt64)
    case unlimited
  }

  package init() {}

  /// A value for a file of a control group.
  struct Setting: Sendable, Equatable {
    var file: String
    var value: String
    /// Whether a machine may lack the file: nobody has asked for it by name.
    var isOptional = false
  }

  /// The controllers that are needed, and what they are told, in the order in which it has to be written.
  func settings(_ version: ControlGroupHierarchy.Version) -> [(controller: String, settings: [Setting])] {
    var list: [(controller: String, settings: [Setting])] = []
    if let memory { list.append(("memory", memorySettings(memory, version))) }
    let processor = version == .first ? processorSettingsOfFirst : processorSettingsOfSecond
    if !processor.isEmpty { list.append(("cpu", processor)) }
    if let processors { list.append(("cpuset", [Setting(file: "cpuset.cpus", value: processors)])) }
    if let processes { list.append(("pids", [Setting(file: "pids.max", value: "\(processes)")])) }
    return list
  }

  /// As docker has it: as much swap again as memory, if nothing else is said.
  private func memorySettings(_ memory: UInt64, _ version: ControlGroupHierarchy.Version) -> [Setting] {
    let total: String
    let swap: String
    switch memoryAndSwap {
    case .unlimited: (total, swap) = ("-1", "max")
    case .bytes(let bytes): (total, swap) = ("\(bytes)", "\(bytes - min(bytes, memory))")
    case nil: (total, swap) = ("\(memory.multipliedReportingOverflow(by: 2).partialValue)", "\(memory)")
    }
    let isOptional = memoryAndSwap == nil
    return switch version {
    case .first:
      [
        Setting(file: "memory.limit_in_bytes", value: "\(memory)"),
        Setting(file: "memory.memsw.limit_in_bytes", value: total, isOptional: isOptional),
      ]
    case .second:
      [
        Setting(file: "memory.max", value: "\(memory)"),
        Setting(file: "memory.swap.max", value: swap, isOptional: isOptional),
      ]
    }
  }

  private var processorSettingsOfFirst: [Setting] {
    [
      processorShares.map { Setting(file: "cpu.shares", value: "\($0)") },
      processorPeriod.map { Setting(file: "cpu.cfs_period_us", value: "\($0)") },
      processorQuota.map { Setting(file: "cpu.cfs_quota_us", value: "\($0)") },
    ].compactMap(\.self)
  }

  private var processorSettingsOfSecond: [Setting] {
    var list: [Setting] = []
    if let shares = processorShares {
      // Both scales from end to end: 2…262144 are 1…10000.
      list.append(Setting(file: "cpu.weight", value: "\(1 + (max(2, shares) - 2) * 9999 / 262_142)"))
    }
    if processorPeriod != nil || processorQuota != nil {
      let quota = processorQuota.map { "\($0)" } ?? "max"
      list.append(Setting(file: "cpu.max", value: "\(quota) \(processorPeriod ?? 100_000)"))
    }
    return list
  }
}

/// Why a limit cannot be kept.
package enum ControlGroupProblem: Error, Sendable, Equatable {
  /// No hierarchy of this machine has the controller, or it is not handed down to the caller's group (given).
  case noController(String, group: [UInt8]?)
  /// No group can be made in this folder.
  case notDelegated(group: [UInt8], errno: Int32)
  /// The caller's group has other processes than the caller, so that the kernel allows no groups with limits below it
  /// (cgroups(7), "no internal processes"), and none can be made beside it.
  case occupied(group: [UInt8], processes: Int)
  /// A group beside the caller's would leave the limit that this file sets.
  case limited(file: [UInt8])
  /// The kernel does not take a value.
  case refused(file: String, value: String, errno: Int32)
  /// The process cannot be put into its group.
  case notMovable(group: [UInt8], errno: Int32)
}

extension ControlGroupProblem {
  /// What is wrong, in the words of a clause.
  package var summary: String {
    func text(_ bytes: [UInt8]) -> String { IsolationError.text(bytes) }
    return switch self {
    case .noController(let name, nil): "this machine has no \(name) controller of cgroups"
    case .noController(let name, let group?): "the cgroup \(text(group)) has no \(name) controller"
    case .notDelegated(let group, let error):
      "no cgroup can be made in \(text(group)) (\(IsolationError.text(error)))"
    case .occupied(let group, let count):
      "the cgroup \(text(group)) has \(count) other process\(count == 1 ? "" : "es"), and can have none with limits below it"
    case .limited(let file): "a cgroup beside the own one would leave the limit of \(text(file))"
    case .refused(let file, let value, let error):
      "the kernel takes no `\(value)` for \(file) (\(IsolationError.text(error)))"
    case .notMovable(let group, let error):
      "no process can be put into the cgroup \(text(group)) (\(IsolationError.text(error)))"
    }
  }
}
