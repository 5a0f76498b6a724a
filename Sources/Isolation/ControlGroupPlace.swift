import Glibc

/// Where groups with limits can be made, and what has to be done for it. Finding out changes nothing.
struct ControlGroupPlace: Sendable, Equatable {
  /// How the folder comes to have groups below it.
  enum Way: Sendable, Equatable {
    /// It can have them as it is.
    case below
    /// This process is the only one in it, and has to move into a group of its own first.
    case moving
    /// It is the folder above the caller's group.
    case beside
  }

  var version: ControlGroupHierarchy.Version
  /// The folder that groups are made in.
  var folder: [UInt8]
  var way: Way
  /// The controllers that are needed.
  var controllers: Set<String>

  /// The place in one hierarchy.
  /// - Parameter process: this process.
  ///
  /// A group beside the caller's is the last choice: it is not held by what limits the caller's own one.
  static func find(
    _ needed: Set<String>, in hierarchy: ControlGroupHierarchy, process: pid_t
  ) throws(ControlGroupProblem) -> ControlGroupPlace {
    let own = hierarchy.own
    if hierarchy.version == .first {
      // Groups of version 1 may have processes and groups side by side.
      if let error = refusal(own, []) { throw .notDelegated(group: own, errno: error) }
      return ControlGroupPlace(version: .first, folder: own, way: .below, controllers: needed)
    }
    do throws(ControlGroupProblem) {
      return try below(needed, own, process)
    } catch {
      // What keeps groups from being made above is no news where there can be none below either.
      guard let parent = hierarchy.parent, refusal(parent, files) == nil, missing(needed, in: parent) == nil,
        isTop(parent) || needed.isSubset(of: enabled(parent)) || members(parent).isEmpty
      else { throw error }
      if let file = ownLimit(own) { throw .limited(file: file) }
      return ControlGroupPlace(version: .second, folder: parent, way: .beside, controllers: needed)
    }
  }

  private static func below(
    _ needed: Set<String>, _ own: [UInt8], _ process: pid_t
  ) throws(ControlGroupProblem) -> ControlGroupPlace {
    if let name = missing(needed, in: own) { throw .noController(name, group: own) }
    if let error = refusal(own, files) { throw .notDelegated(group: own, errno: error) }
    var place = ControlGroupPlace(version: .second, folder: own, way: .below, controllers: needed)
    if isTop(own) || needed.isSubset(of: enabled(own)) { return place }
    let others = members(own).filter { $0 != process }
    guard others.isEmpty else { throw .occupied(group: own, processes: others.count) }
    place.way = .moving
    return place
  }

  // MARK: What the folders say

  /// The files that have to be writable: who is delegated a group has them (cgroups v2, "Model of Delegation").
  private static let files = ["cgroup.procs", "cgroup.subtree_control"]

  /// 0 for a folder in which groups can be made, else why not.
  private static func refusal(_ folder: [UInt8], _ files: [String]) -> Int32? {
    let paths = [folder] + files.map { folder + Array("/\($0)".utf8) }
    for (index, path) in paths.enumerated() {
      let mode = index == 0 ? W_OK | X_OK : W_OK
      if unsafe withCString(path, { unsafe access($0, mode) }) != 0 { return errno }
    }
    return nil
  }

  private static func missing(_ needed: Set<String>, in folder: [UInt8]) -> String? {
    let present = ControlGroupHierarchy.words(of: folder, "cgroup.controllers")
    return needed.subtracting(present).min()
  }

  private static func enabled(_ folder: [UInt8]) -> Set<String> {
    ControlGroupHierarchy.words(of: folder, "cgroup.subtree_control")
  }

  /// The root of the hierarchy is the only group without a type, and may have processes and groups side by side. The
  /// root of a container looks like it by its path alone.
  private static func isTop(_ folder: [UInt8]) -> Bool {
    unsafe withCString(folder + Array("/cgroup.type".utf8)) { unsafe access($0, F_OK) } != 0
  }

  /// The processes of a group; those that cannot be seen from here count as 0.
  static func members(_ folder: [UInt8]) -> [pid_t] {
    let text = readHostFile(folder + Array("/cgroup.procs".utf8), limit: 1 << 22) ?? []
    return text.split(separator: 0x0A).map { pid_t(UserDatabase.number(Array($0)) ?? 0) }
  }

  /// The file that sets a limit to a group, if one does.
  private static func ownLimit(_ folder: [UInt8]) -> [UInt8]? {
    for name in ["memory.max", "memory.high", "memory.swap.max", "cpu.max"] {
      let file = folder + Array("/\(name)".utf8)
      guard let text = readHostFile(file, limit: 256), !text.isEmpty else { continue }
      if !text.starts(with: "max".utf8) { return file }
    }
    return nil
  }
}
