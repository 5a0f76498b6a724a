import Glibc
import ImageBuild
import Isolation
import OCIModel
import Synchronization

/// Shows on standard error how a build goes, a line at a time:
///
///     [build 2/5] RUN make
///     [build 2/5]  0.2s  cc -o app main.c
///     [build 2/5] done in 1.3s
final class ProgressView: Sendable {
  /// A step under way.
  private struct Running {
    var started = 0.0
    /// Output that is no whole line yet.
    var line: [UInt8] = []
    /// The last lines of the step's output.
    var tail: [String] = []
    var label = ""
  }

  private struct State {
    var started = 0.0
    /// By stage: each has one step at a time.
    var running: [String: Running] = [:]
  }

  private let isQuiet: Bool
  private let state: Mutex<State>

  /// How many lines of output a failure repeats where they have not been shown.
  private static let tailLength = 20

  init(isQuiet: Bool) {
    self.isQuiet = isQuiet
    state = Mutex(State(started: Self.now()))
  }

  /// Seconds on a clock that nobody sets.
  private static func now() -> Double {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  func show(_ event: BuildEvent) {
    state.withLock { state in
      switch event {
      case .warning(let warning): print("warning: \(warningSentence(warning))", always: true)
      case .stepStarted(let step):
        let label = Self.label(step)
        state.running[step.stage] = Running(started: Self.now(), label: label)
        let title = step.isTrigger ? "ONBUILD \(step.title)" : step.title
        print("\(label) \(Self.shortened(title))")
      case .output(let step, let chunk): add(chunk.bytes, &state.running[step.stage, default: Running()])
      case .stepFinished(let step):
        guard var running = state.running.removeValue(forKey: step.stage) else { return }
        flush(&running)
        print("\(running.label) done in \(Self.seconds(Self.now() - running.started))")
      case .stepCached(let step):
        state.running[step.stage] = nil
        print("\(Self.label(step)) CACHED")
      case .cacheVerdict(let step, let verdict):
        for line in cacheSentences(verdict) { print("\(Self.label(step)) cache: \(line)", always: true) }
      case .exporting: break
      case .exported(let descriptor):
        print("image \(descriptor.digest), done in \(Self.seconds(Self.now() - state.started))")
      }
    }
  }

  /// Ends the view after a failure.
  func end(showingOutput: Bool = false) {
    state.withLock { state in
      for stage in state.running.keys.sorted() {
        guard var running = state.running[stage] else { continue }
        flush(&running)
        guard isQuiet, showingOutput else { continue }
        for line in running.tail { print("\(running.label)  \(line)", always: true) }
      }
    }
  }

  private static func label(_ step: BuildEvent.Step) -> String {
    let number = "\(step.number)/\(step.total)]"
    return step.stage.isEmpty ? "[\(number)" : "[\(step.stage) \(number)"
  }

  private static func shortened(_ title: String) -> String {
    title.count <= 120 ? title : title.prefix(119) + "…"
  }

  private func add(_ bytes: [UInt8], _ state: inout Running) {
    for byte in bytes {
      if byte == 0x0A { flush(&state) } else { state.line.append(byte) }
      // A program that never ends a line must not fill the memory.
      if state.line.count >= 1 << 16 { flush(&state) }
    }
  }

  /// Shows the line that has been collected. Control characters but tabs go, so that output cannot steer the terminal.
  private func flush(_ state: inout Running) {
    guard !state.line.isEmpty else { return }
    // A carriage return starts the line over.
    let last = state.line.split(separator: 0x0D).last ?? []
    let text = String(decoding: last, as: UTF8.self).unicodeScalars.filter { scalar in
      scalar == "\t" || !(scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value))
    }
    state.line = []
    let line = String(String.UnicodeScalarView(text))
    state.tail.append(line)
    if state.tail.count > Self.tailLength { state.tail.removeFirst() }
    print("\(state.label)  \(Self.seconds(Self.now() - state.started))  \(line)")
  }

  private func print(_ text: String, always: Bool = false) {
    if isQuiet && !always { return }
    writeAll(STDERR_FILENO, Array((text + "\n").utf8))
  }

  /// A duration with one digit behind the point.
  private static func seconds(_ value: Double) -> String {
    let tenths = Int((max(0, value) * 10).rounded())
    return "\(tenths / 10).\(tenths % 10)s"
  }
}
