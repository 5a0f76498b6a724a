import Glibc
import Synchronization

/// A group of processes with limits that hold for all of them together (cgroups(7)); for one RUN.
///
/// Whoever has made it holds a lock on its folders, so that what a killed builder has left can be told apart from what
/// is in use.
package final class ControlGroup: Sendable {
  /// In one hierarchy.
  struct Folder: ~Copyable, Sendable {
    let path: [UInt8]
    let version: ControlGroupHierarchy.Version
    let lock: Descriptor
    let countsMemory: Bool
  }

  /// Arrays hold nothing that cannot be copied.
  private final class Box: Sendable {
    let folder: Folder

    init(_ folder: consuming Folder) { self.folder = folder }
  }

  private let boxes: [Box]
  /// Bytes of memory that the group may have, if that is limited.
  package let memory: UInt64?

  /// Makes the group with its limits.
  init(_ parts: [ControlGroupPart], memory: UInt64?) throws(IsolationError) {
    self.memory = memory
    var made: [Box] = []
    do throws(IsolationError) {
      for part in parts {
        let box = Box(try Self.makeFolder(part))
        made.append(box)
        try part.write(to: box.folder.path)
      }
    } catch {
      for box in made { Self.end(box.folder.path, box.folder.version) }
      throw error
    }
    boxes = made
  }

  /// Puts a process into the group: what it starts from then on is in it as well.
  func add(_ pid: pid_t) throws(IsolationError) {
    for box in boxes {
      let error = Self.write("\(pid)", to: box.folder.path, "cgroup.procs")
      guard error == 0 else { throw .limits(.notMovable(group: box.folder.path, errno: error)) }
    }
  }

  /// How many processes of the group the kernel has killed because there was no memory left.
  package var memoryKills: Int {
    boxes.reduce(0) { sum, box in
      guard box.folder.countsMemory else { return sum }
      let file = box.folder.version == .first ? "memory.oom_control" : "memory.events"
      let text = readHostFile(box.folder.path + Array("/\(file)".utf8), limit: 4096) ?? []
      let line = text.split(separator: 0x0A).first { $0.starts(with: "oom_kill ".utf8) }
      return sum + (line.flatMap { Int(String(decoding: $0.dropFirst(9), as: UTF8.self)) } ?? 0)
    }
  }

  /// Removes the group; call it when its processes have ended. What will not go now goes with the next build.
  package func remove() {
    for box in boxes { Self.end(box.folder.path, box.folder.version) }
  }

  // MARK: Folders

  /// What the folders of groups are called, so that they can be told from those of others.
  static let prefix = "slipway-"
  private static let counter = Atomic<UInt64>(0)

  /// Makes a folder that nobody else has, and locks it.
  static func makeFolder(_ part: ControlGroupPart) throws(IsolationError) -> Folder {
    for _ in 0..<1000 {
      let number = counter.add(1, ordering: .relaxed).newValue
      let path = part.place.folder + Array("/\(prefix)\(getpid())-\(number)".utf8)
      guard unsafe withCString(path, { unsafe mkdir($0, 0o755) }) == 0 else {
        if errno == EEXIST { continue }
        throw .limits(.notDelegated(group: part.place.folder, errno: errno))
      }
      // Another build that sweeps up may be faster: then this one is gone.
      guard let lock = lock(path), unsafe withCString(path, { unsafe access($0, F_OK) }) == 0 else {
        continue
      }
      return Folder(
        path: path, version: part.place.version, lock: lock,
        countsMemory: part.settings.contains { $0.controller == "memory" })
    }
    throw .limits(.notDelegated(group: part.place.folder, errno: EEXIST))
  }

  /// Nil if another process has it, or if it is gone.
  private static func lock(_ path: [UInt8]) -> Descriptor? {
    let raw = openHost(path, O_RDONLY | O_DIRECTORY)
    guard raw >= 0 else { return nil }
    let descriptor = Descriptor(owning: raw)
    return flock(descriptor.raw, LOCK_EX | LOCK_NB) == 0 ? consume descriptor : nil
  }

  /// Answers 0 or the errno.
  static func write(_ value: String, to folder: [UInt8], _ file: String) -> Int32 {
    let raw = openHost(folder + Array("/\(file)".utf8), O_WRONLY)
    guard raw >= 0 else { return -raw }
    let descriptor = Descriptor(owning: raw)
    return writeBytes(descriptor.raw, Array(value.utf8))
  }

  /// Removes the groups of builders that have been killed.
  static func sweep(_ folder: [UInt8], _ version: ControlGroupHierarchy.Version) {
    guard let stream = unsafe withCString(folder, { unsafe opendir($0) }) else { return }
    defer { unsafe closedir(stream) }
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafeBytes(of: entry.pointee.d_name) { unsafe Array($0.prefix { $0 != 0 }) }
      guard name.starts(with: prefix.utf8) else { continue }
      let path = folder + [0x2F] + name
      guard let lock = lock(path) else { continue }
      end(path, version)
      _ = consume lock
    }
  }

  /// Removes a folder with whatever is still in the group. A process that is ending keeps it for a moment.
  private static func end(_ path: [UInt8], _ version: ControlGroupHierarchy.Version) {
    var pause: UInt32 = 500
    for _ in 0..<12 {
      if unsafe withCString(path, { unsafe rmdir($0) }) == 0 || errno != EBUSY { return }
      // The kernel has a file for that since 5.14.
      if version == .first || write("1", to: path, "cgroup.kill") != 0 {
        for pid in ControlGroupPlace.members(path) where pid > 1 && pid != getpid() { kill(pid, SIGKILL) }
      }
      usleep(pause)
      pause = min(pause * 2, 200_000)
    }
  }
}

/// What a group has to have in one hierarchy.
struct ControlGroupPart: Sendable {
  var place: ControlGroupPlace
  var settings: [(controller: String, settings: [StepResources.Setting])]

  /// Hands the controllers down to the groups in the place.
  func enable() throws(IsolationError) {
    guard place.version == .second else { return }
    let missing = place.controllers.subtracting(
      ControlGroupHierarchy.words(of: place.folder, "cgroup.subtree_control"))
    guard !missing.isEmpty else { return }
    let error = ControlGroup.write(
      missing.sorted().map { "+\($0)" }.joined(separator: " "), to: place.folder, "cgroup.subtree_control")
    guard error == 0 else { throw .limits(.notDelegated(group: place.folder, errno: error)) }
  }

  /// Writes the limits to the folder of a new group.
  func write(to folder: [UInt8]) throws(IsolationError) {
    for (controller, settings) in settings {
      if controller == "cpuset", place.version == .first {
        // A group without nodes of memory can have no processes.
        let nodes = readHostFile(place.folder + Array("/cpuset.mems".utf8), limit: 4096) ?? []
        try write("cpuset.mems", String(decoding: nodes.prefix { $0 != 0x0A }, as: UTF8.self), folder)
      }
      for setting in settings {
        do throws(IsolationError) {
          try write(setting.file, setting.value, folder)
        } catch .limits(.refused(_, _, ENOENT)) where setting.isOptional {
          continue
        }
      }
      if controller == "cpuset", place.version == .second { try checkProcessors(settings, folder) }
    }
  }

  private func write(_ file: String, _ value: String, _ folder: [UInt8]) throws(IsolationError) {
    let error = ControlGroup.write(value, to: folder, file)
    guard error == 0 else { throw .limits(.refused(file: file, value: value, errno: error)) }
  }

  /// Version 2 takes processors that are not there, and gives others instead.
  private func checkProcessors(
    _ settings: [StepResources.Setting], _ folder: [UInt8]
  ) throws(IsolationError) {
    for setting in settings {
      let text = readHostFile(folder + Array("/cpuset.cpus.effective".utf8), limit: 65536) ?? []
      let wanted = processorNumbers(setting.value)
      let given = processorNumbers(String(decoding: text.prefix { $0 != 0x0A }, as: UTF8.self))
      guard wanted == given else {
        throw .limits(.refused(file: setting.file, value: setting.value, errno: EINVAL))
      }
    }
  }
}

/// The numbers of a list such as `0-3,5` (cpuset(7), "List format"); nil for a text that is none.
package func processorNumbers(_ list: String) -> Set<Int>? {
  var numbers: Set<Int> = []
  for part in list.split(separator: ",", omittingEmptySubsequences: false) {
    let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
    guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1], first >= 0,
      first <= last, last < 1 << 16, part.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == "-") })
    else { return nil }
    numbers.formUnion(first...last)
  }
  return numbers
}
