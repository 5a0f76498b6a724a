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
  private struct State {
    var started = 0.0
    var step = 0.0
    /// Output that is no whole line yet.
    var line: [UInt8] = []
    /// The last lines of the step's output.
    var tail: [String] = []
    var label = ""
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
        state.step = Self.now()
        state.label = Self.label(step)
        state.tail = []
        let title = step.isTrigger ? "ONBUILD \(step.title)" : step.title
        print("\(state.label) \(Self.shortened(title))")
      case .output(_, let chunk): add(chunk.bytes, &state)
      case .stepFinished:
        flush(&state)
        print("\(state.label) done in \(Self.seconds(Self.now() - state.step))")
      case .exporting: state.step = Self.now()
      case .exported(let descriptor):
        print("image \(descriptor.digest), done in \(Self.seconds(Self.now() - state.started))")
      }
    }
  }

  /// Ends the view after a failure.
  func end(showingOutput: Bool = false) {
    state.withLock { state in
      flush(&state)
      if isQuiet, showingOutput {
        for line in state.tail { print("\(state.label)  \(line)", always: true) }
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

  private func add(_ bytes: [UInt8], _ state: inout State) {
    for byte in bytes {
      if byte == 0x0A { flush(&state) } else { state.line.append(byte) }
      // A program that never ends a line must not fill the memory.
      if state.line.count >= 1 << 16 { flush(&state) }
    }
  }

  /// Shows the line that has been collected. Control characters but tabs go, so that output cannot steer the terminal.
  private func flush(_ state: inout State) {
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
    print("\(state.label)  \(Self.seconds(Self.now() - state.step))  \(line)")
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
