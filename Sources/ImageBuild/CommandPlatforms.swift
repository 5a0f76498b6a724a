import FileTree
import Glibc
import Isolation
import OCIModel
import Synchronization

/// Why commands of a platform cannot be run here.
package enum ForeignPlatformReason: Hashable, Sendable {
  /// They are for another system than Linux.
  case system
  /// The kernel has no handler for the architecture.
  case noEmulator
  /// binfmt_misc is not mounted, and a program was refused.
  case refused
  /// binfmt_misc is switched off.
  case allDisabled
  /// The handler of this name is switched off.
  case disabled(String)
  /// The kernel starts this program in place of a command, and the root file system does not have it.
  case noInterpreter([UInt8])
}

/// Whether commands of other platforms than this machine's can be run: the CPU may take the architecture, or the kernel have
/// a handler for it.
final class CommandPlatforms: Sendable {
  enum Verdict: Hashable, Sendable {
    case runs
    /// If the root file system has this program, by its absolute path.
    case runsWith([UInt8])
    /// Nothing but trying tells.
    case unknown
    case cannot(ForeignPlatformReason)
  }

  private let host: Platform
  private let handlerFolder: String
  /// What trying has told, by architecture.
  private let tried = Mutex<[String: Bool]>([:])

  /// - Parameter handlerFolder: a folder of binfmt_misc.
  init(host: Platform, handlerFolder: String) {
    self.host = host.normalized
    self.handlerFolder = handlerFolder
  }

  /// What can be told of a platform without running anything.
  func verdict(on wanted: Platform) -> Verdict {
    let wanted = wanted.normalized
    guard wanted.os == host.os else { return .cannot(.system) }
    if wanted.architecture == host.architecture { return .runs }
    let handlers = BinaryHandlers.read(handlerFolder)
    // The CPU may take them, if the kernel was built for that.
    let isRelated = host.accepted.contains { $0.architecture == wanted.architecture }
    return switch handlers.finding(for: wanted.architecture) {
    case .works: .runs
    case .needsInterpreter(let path): .runsWith(path)
    case _ where isRelated: .unknown
    case .unseen: .unknown
    case .none: .cannot(.noEmulator)
    case .allDisabled: .cannot(.allDisabled)
    case .handlerDisabled(let name): .cannot(.disabled(name))
    }
  }

  /// Makes sure that commands can be run in a root file system, before one is.
  /// - Parameter run: runs a program of these bytes, and tells how it ended.
  func require(
    _ wanted: Platform, in root: SharedDirectory,
    run: ([UInt8]) throws(BuildProblem.Kind) -> ExitStatus
  ) throws(BuildProblem.Kind) {
    switch verdict(on: wanted) {
    case .runs: return
    case .cannot(let reason): throw problem(wanted, reason)
    case .runsWith(let interpreter):
      let isThere: Bool
      do throws(FileError) {
        let path = try root.directory.resolve(BytePath(interpreter).clampedToRoot)
        isThere = try root.directory.statusIfPresent(path)?.isRegular == true
      } catch {
        // A loop of links, or a file where a folder should be: there is no program.
        isThere = false
      }
      guard isThere else { throw problem(wanted, .noInterpreter(interpreter)) }
    case .unknown:
      guard try runs(wanted.normalized.architecture, run) else {
        throw problem(wanted, BinaryHandlers.read(handlerFolder) == .unseen ? .refused : .noEmulator)
      }
    }
  }

  private func runs(
    _ architecture: String, _ run: ([UInt8]) throws(BuildProblem.Kind) -> ExitStatus
  ) throws(BuildProblem.Kind) -> Bool {
    // Of an architecture whose programs are not known here the command itself will tell.
    guard let program = ELFProgram(architecture: architecture) else { return true }
    return try tried.withLock { tried throws(BuildProblem.Kind) in
      if let known = tried[architecture] { return known }
      let runs =
        switch try run(program.bytes) {
        // An interpreter that is not in a root with nothing else: the stage's own may have it.
        case .exited(0), .notStarted(_, ENOENT): true
        default: false
        }
      tried[architecture] = runs
      return runs
    }
  }

  private func problem(_ wanted: Platform, _ reason: ForeignPlatformReason) -> BuildProblem.Kind {
    .foreignPlatform(wanted: wanted.normalized, host: host, reason)
  }
}

extension BuildRun {
  /// Makes sure that commands of a platform can be run in a root file system.
  func requirePlatform(
    _ platform: Platform, in root: SharedDirectory, _ executor: some Executor
  ) throws(BuildProblem.Kind) {
    try platforms.require(platform, in: root) { program throws(BuildProblem.Kind) in
      let folder = try room.makeFolder()
      try onFiles { () throws(FileError) in
        try Directory(opening: BytePath(folder)).writeFile("program", program, permissions: 0o755)
      }
      let spec = ProcessSpec(root: .directory(folder), arguments: [Array("/program".utf8)])
      var status = ExitStatus.exited(0)
      // A child that another stage is about to start may still have the file open for writing.
      for _ in 0..<500 {
        do throws(IsolationError) {
          status = try executor.run(spec, cancellation: stop.cancellation) { _ in }
        } catch {
          throw .isolation(error)
        }
        guard case .notStarted(_, ETXTBSY) = status else { break }
        usleep(10_000)
      }
      try room.removeFolder(folder)
      return status
    }
  }
}
