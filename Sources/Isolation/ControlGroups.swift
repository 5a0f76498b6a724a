import Glibc
import Synchronization

/// Makes the groups of a build, one for each RUN, and undoes at the end what had to be done for them.
package final class ControlGroups: Sendable {
  private let resources: StepResources
  /// The places of the groups; nil as long as nobody has asked.
  private let state = Mutex<State>(State())

  private struct State {
    var parts: [ControlGroupPart]?
    /// The group that this process has moved into, and the one that it came from.
    var moved: Move?
  }

  /// Where this process went.
  private final class Move: Sendable {
    let origin: [UInt8]
    let folder: ControlGroup.Folder
    let controllers: Set<String>

    init(_ folder: consuming ControlGroup.Folder, from origin: [UInt8], _ controllers: Set<String>) {
      self.folder = folder
      self.origin = origin
      self.controllers = controllers
    }
  }

  /// - Parameter resources: what each RUN may use.
  package init(_ resources: StepResources) {
    self.resources = resources
  }

  /// A group for one RUN; nil where none was asked for. Throws `.limits` for a limit that cannot be kept.
  ///
  /// The number of processes is limited besides, wherever the kernel offers that and nothing else sees to it.
  package func make(_ choice: IsolationMode.Choice) throws(IsolationError) -> ControlGroup? {
    var resources = resources
    let isAsked = resources != StepResources()
    let countsProcesses =
      choice.mode == .namespace
      && (choice.userNamespace != .none || MachineProbe.limitsProcessesByNamespace)
    guard isAsked || !countsProcesses else { return nil }
    resources.processes = ProcessSpec.usualProcessLimit
    do throws(IsolationError) {
      return try ControlGroup(try parts(for: resources), memory: resources.memory)
    } catch {
      // Nobody has asked for the number of processes.
      guard isAsked else { return nil }
      guard case .limits(let problem) = error, problem.isAboutProcesses else { throw error }
    }
    resources.processes = nil
    return try ControlGroup(try parts(for: resources), memory: resources.memory)
  }

  /// Undoes what was done to the caller's own group.
  package func close() {
    state.withLock { state in
      state.parts = nil
      guard let move = state.moved else { return }
      state.moved = nil
      // What fails here is left to the next build, or to whoever removes the caller's own group.
      let list = move.controllers.sorted().map { "-\($0)" }.joined(separator: " ")
      _ = ControlGroup.write(list, to: move.origin, "cgroup.subtree_control")
      _ = ControlGroup.write("\(getpid())", to: move.origin, "cgroup.procs")
      _ = unsafe withCString(move.folder.path) { unsafe rmdir($0) }
    }
  }

  /// Removes the groups that builders have left which were killed. It costs reading two files and a few folders.
  package static func sweep() {
    for hierarchy in ControlGroupHierarchy.ofCaller() {
      for folder in [hierarchy.own, hierarchy.version == .second ? hierarchy.parent : nil].compactMap(\.self)
      {
        ControlGroup.sweep(folder, hierarchy.version)
      }
    }
  }

  // MARK: Places

  private func parts(for resources: StepResources) throws(IsolationError) -> [ControlGroupPart] {
    try state.withLock { state throws(IsolationError) in
      if let parts = state.parts { return parts }
      let parts = try Self.find(resources, ControlGroupHierarchy.ofCaller(), process: getpid())
      for part in parts {
        if part.place.way == .moving, state.moved == nil { state.moved = try Self.move(part) }
        try part.enable()
      }
      state.parts = parts
      return parts
    }
  }

  /// Decides where the groups are made; changes nothing.
  static func find(
    _ resources: StepResources, _ hierarchies: [ControlGroupHierarchy], process: pid_t
  ) throws(IsolationError) -> [ControlGroupPart] {
    let first = hierarchies.filter { $0.version == .first }
    let second = hierarchies.first { $0.version == .second }
    var parts: [ControlGroupPart] = []
    var unplaced: Set<String> = []
    for (controller, settings) in resources.settings(.first) {
      guard let hierarchy = first.first(where: { $0.controllers.contains(controller) }) else {
        unplaced.insert(controller)
        continue
      }
      let place = try place([controller], in: hierarchy, process)
      if let index = parts.firstIndex(where: { $0.place.folder == place.folder }) {
        parts[index].place.controllers.insert(controller)
        parts[index].settings.append((controller, settings))
      } else {
        parts.append(ControlGroupPart(place: place, settings: [(controller, settings)]))
      }
    }
    guard !unplaced.isEmpty else { return parts }
    guard let second else { throw .limits(.noController(unplaced.min() ?? "", group: nil)) }
    let place = try place(unplaced, in: second, process)
    let settings = resources.settings(.second).filter { unplaced.contains($0.controller) }
    parts.append(ControlGroupPart(place: place, settings: settings))
    return parts
  }

  private static func place(
    _ controllers: Set<String>, in hierarchy: ControlGroupHierarchy, _ process: pid_t
  ) throws(IsolationError) -> ControlGroupPlace {
    do throws(ControlGroupProblem) {
      return try ControlGroupPlace.find(controllers, in: hierarchy, process: process)
    } catch {
      throw .limits(error)
    }
  }

  /// Makes room for groups below the caller's own one: the kernel hands controllers down only where no process is.
  private static func move(_ part: ControlGroupPart) throws(IsolationError) -> Move {
    var bare = part
    bare.settings = []
    let folder = try ControlGroup.makeFolder(bare)
    let error = ControlGroup.write("\(getpid())", to: folder.path, "cgroup.procs")
    guard error == 0 else {
      let path = folder.path
      _ = unsafe withCString(path) { unsafe rmdir($0) }
      throw .limits(.notMovable(group: path, errno: error))
    }
    return Move(folder, from: part.place.folder, part.place.controllers)
  }

  // MARK: A report

  /// What of this machine a build could limit: a controller for each kind of limit, and why not.
  package static func findings() -> [(controller: String, problem: ControlGroupProblem?)] {
    let hierarchies = ControlGroupHierarchy.ofCaller()
    var memory = StepResources()
    memory.memory = 1 << 30
    var processor = StepResources()
    processor.processorShares = 1024
    var processors = StepResources()
    processors.processors = "0"
    var processes = StepResources()
    processes.processes = ProcessSpec.usualProcessLimit
    let tried = [("memory", memory), ("cpu", processor), ("cpuset", processors), ("pids", processes)]
    return tried.map { name, resources in
      do throws(IsolationError) {
        for part in try find(resources, hierarchies, process: getpid()) {
          var bare = part
          bare.settings = []
          // Whether it can be made; its limits would need controllers to be handed down, which is for builds.
          let folder = try ControlGroup.makeFolder(bare)
          _ = unsafe withCString(folder.path) { unsafe rmdir($0) }
        }
        return (name, nil)
      } catch .limits(let problem) {
        return (name, problem)
      } catch {
        return (name, .noController(name, group: nil))
      }
    }
  }
}

extension ControlGroupProblem {
  /// Whether it is the controller of numbers of processes that is missing.
  fileprivate var isAboutProcesses: Bool {
    switch self {
    case .noController("pids", _): true
    // A version 2 whose other controllers can be had without it.
    case .noController, .notDelegated, .occupied, .limited, .refused, .notMovable: false
    }
  }
}
