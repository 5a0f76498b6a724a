import Glibc
import Isolation

/// Opens a shell where a command of RUN has failed: in its files, as it has left them, with its environment, user,
/// working directory, mounts and network. What is done there ends up in no layer.
struct FailureShell {
  let terminal: UserTerminal
  /// The stage's SHELL.
  let words: [[UInt8]]
  let step: BuildEvent.Step
  let events: @Sendable (BuildEvent) -> Void

  /// Opens it, and blocks until it is left.
  /// - Parameter failed: what has been run.
  func open(
    in failed: ProcessSpec, after status: ExitStatus, _ executor: some Executor, cancellation: Cancellation?
  ) throws(BuildProblem.Kind) {
    var spec = failed
    spec.terminal = terminal
    let term = Array("TERM".utf8)
    if !spec.environment.contains(where: { $0.name == term }), let value = Self.terminalType {
      spec.environment.append(EnvironmentVariable(name: term, value: value))
    }
    events(.shellOpened(step, status))
    defer { events(.shellClosed(step)) }
    for command in candidates {
      spec.arguments = command
      do throws(IsolationError) {
        // Its status is that of the last thing that was typed.
        guard case .notStarted = try executor.run(spec, cancellation: cancellation, output: { _ in }) else {
          return
        }
      } catch .cancelled {
        throw .isolation(.cancelled)
      } catch {
        // The command's failure is what the build ends with.
        return events(.warning(.shellNotOpened(error)))
      }
    }
    events(.warning(.noShell(candidates.map { $0[0] })))
  }

  /// The commands that are tried, one after the other. Of SHELL, what stands before its options: those are for scripts.
  private var candidates: [[[UInt8]]] {
    var list = ["/bin/bash", "/bin/sh"].map { [Array($0.utf8)] }
    let own = Array(words.prefix { $0.first != 0x2D })
    if !own.isEmpty, !list.contains(own) { list.append(own) }
    return list
  }

  private static var terminalType: [UInt8]? {
    guard let value = unsafe getenv("TERM") else { return nil }
    return Array(unsafe String(cString: value).utf8)
  }
}
