import Glibc
import ImageBuild
import Isolation
import OCIModel
import Registry
import Synchronization

/// Shows on standard error how a build goes.
final class ProgressView: Sendable {
  /// The values of `--progress`.
  enum Mode { case plain, terminal, json, quiet }

  private struct State {
    var steps: [ProgressStep] = []
    var indices: [Key: Int] = [:]
    /// What is being written out.
    var exports: Int?
    /// The images that are being pulled, by name.
    var pulls: [String: Int] = [:]
    /// The step that has failed.
    var failed: Int?
    var plain = PlainProgress()
    var terminal = TerminalProgress()
    var isEnded = false
    /// Whether somebody else has the terminal: what is to be printed waits.
    var isHeld = false
    var waiting = ""
  }

  /// A step of one of the images: for several platforms, each has the same steps.
  private struct Key: Hashable {
    var platform: String
    var step: BuildEvent.Step
  }

  let mode: Mode
  private let state = Mutex(State())
  /// How many lines of output a failure repeats where they have not been shown.
  private static let tailLength = 20

  init(_ mode: Mode) {
    self.mode = mode
    if mode == .terminal { startClock() }
  }

  /// Seconds on a clock that nobody sets.
  static func now() -> Double {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  /// - Parameter platform: shown with each step where there is more than one.
  func show(_ event: BuildEvent, platform: String = "") {
    state.withLock { state in
      switch event {
      case .warning(let warning): warn(warningSentence(warning), &state)
      case .stepStarted(let step):
        start(Self.name(step, platform), Key(platform: platform, step: step), &state)
      case .output(let step, let chunk):
        guard let index = state.indices[Key(platform: platform, step: step)] else { return }
        add(chunk, to: index, &state)
      case .stepFinished(let step):
        guard let index = state.indices[Key(platform: platform, step: step)] else { return }
        finish(index, &state)
      case .stepFailed(let step): state.failed = state.indices[Key(platform: platform, step: step)]
      case .shellOpened(let step, let status):
        hold(state.indices[Key(platform: platform, step: step)], status, &state)
      case .shellClosed: release(&state)
      case .stepCached(let step):
        guard let index = state.indices[Key(platform: platform, step: step)] else { return }
        state.steps[index].isCached = true
        finish(index, &state)
      case .cacheVerdict(let step, let verdict):
        guard let index = state.indices[Key(platform: platform, step: step)] else { return }
        for line in cacheSentences(verdict) { note("cache: \(line)", on: index, &state) }
      case .pullStarted, .pulling, .pulled, .pullFailed: showPull(event, &state)
      case .exporting:
        start("exporting the image", nil, &state)
        state.exports = state.steps.count - 1
      case .exported(let descriptor):
        guard let index = state.exports else { return }
        addLine("image \(descriptor.digest)", to: index, &state)
        finish(index, &state)
        state.exports = nil
      }
    }
  }

  private static func name(_ step: BuildEvent.Step, _ platform: String) -> String {
    let place = [platform, step.stage, "\(step.number)/\(step.total)"].filter { !$0.isEmpty }
    return "[\(place.joined(separator: " "))] \(step.isTrigger ? "ONBUILD " : "")\(step.title)"
  }

  private func showPull(_ event: BuildEvent, _ state: inout State) {
    switch event {
    case .pullStarted(let name):
      start("pull \(name.familiarName)", nil, &state)
      state.pulls[name.fullName] = state.steps.count - 1
    case .pulling(_, .passedOver(let host, let error)): warn(mirrorSentence(host, error), &state)
    case .pulling(let name, let event):
      guard let index = state.pulls[name.fullName] else { return }
      switch event {
      case .finished(let blob):
        addLine("\(blob.digest.hex.prefix(12)): Pull complete \(byteCount(blob.size))", to: index, &state)
      case .present(let blob): addLine("\(blob.digest.hex.prefix(12)): Already exists", to: index, &state)
      case .progress, .mounted, .manifest, .passedOver: break
      }
    case .pulled(let name, let image):
      guard let index = state.pulls.removeValue(forKey: name.fullName) else { return }
      addLine("image \(image.digest)", to: index, &state)
      finish(index, &state)
    case .pullFailed(let name): state.failed = state.pulls[name.fullName]
    default: break
    }
  }

  // MARK: Steps

  private func start(_ name: String, _ key: Key?, _ state: inout State) {
    let step = ProgressStep(number: state.steps.count + 1, name: name, started: Self.now())
    if let key { state.indices[key] = state.steps.count }
    state.steps.append(step)
    switch mode {
    case .plain: print(state.plain.start(step), &state)
    case .json: print(JSONProgress.vertex(step), &state)
    case .terminal: draw(&state)
    case .quiet: break
    }
  }

  private func finish(_ index: Int, error: String? = nil, _ state: inout State) {
    guard state.steps[index].ended == nil else { return }
    if let rest = state.steps[index].log.flush() { addLine(rest, to: index, &state) }
    state.steps[index].ended = Self.now()
    state.steps[index].endTime = Timestamps.now()
    state.steps[index].error = error
    switch mode {
    case .plain: print(state.plain.finish(state.steps[index]), &state)
    case .json: print(JSONProgress.vertex(state.steps[index]), &state)
    case .terminal: draw(&state)
    case .quiet: break
    }
  }

  private func add(_ chunk: OutputChunk, to index: Int, _ state: inout State) {
    if mode == .json { print(JSONProgress.log(state.steps[index], chunk), &state) }
    for line in state.steps[index].log.add(chunk.bytes) { addLine(line, to: index, &state) }
  }

  private func addLine(_ line: String, to index: Int, _ state: inout State) {
    state.steps[index].tail.append(line)
    if state.steps[index].tail.count > Self.tailLength { state.steps[index].tail.removeFirst() }
    if mode == .plain { print(state.plain.line(line, of: state.steps[index]), &state) }
  }

  /// Shows a line that somebody has asked for about a step, in whatever mode.
  private func note(_ line: String, on index: Int, _ state: inout State) {
    let step = state.steps[index]
    switch mode {
    case .json:
      let chunk = OutputChunk(stream: .standardError, bytes: Array((line + "\n").utf8))
      print(JSONProgress.log(step, chunk), &state)
    case .plain: print(state.plain.note(line, of: step), &state)
    case .terminal:
      print(state.terminal.erase() + "\(step.name)\n  \(line)\n", &state)
      draw(&state)
    case .quiet: print("\(step.name): \(line)\n", &state)
    }
  }

  private func warn(_ text: String, _ state: inout State) {
    switch mode {
    case .json: print(JSONProgress.warning(text), &state)
    case .terminal:
      print(state.terminal.erase() + "warning: \(text)\n", &state)
      draw(&state)
    case .plain, .quiet: print("warning: \(text)\n", &state)
    }
  }

  // MARK: A shell

  /// Says why there is a shell now, and leaves the terminal to it.
  private func hold(_ index: Int?, _ status: ExitStatus, _ state: inout State) {
    guard let index else { return }
    if let rest = state.steps[index].log.flush() { addLine(rest, to: index, &state) }
    let text =
      statusSentence(status, keyword: "RUN")
      + "; a shell opens where it ran: `exit` leaves it, and ends the build"
    switch mode {
    case .terminal, .quiet:
      if mode == .terminal { print(state.terminal.frame(state.steps, now: Self.now()), &state) }
      state.terminal.forget()
      let step = state.steps[index]
      for line in step.tail { print("\(step.place)  \(line)\n", &state) }
      print("\(step.place) \(text)\n", &state)
    case .plain, .json: note(text, on: index, &state)
    }
    state.isHeld = true
  }

  private func release(_ state: inout State) {
    state.isHeld = false
    print(state.waiting, &state)
    state.waiting = ""
    if mode == .terminal { draw(&state) }
  }

  // MARK: The end

  /// Ends the view.
  /// - Parameters:
  ///   - error: why the failed step, or all that runs, has failed; nil after a success.
  ///   - showingOutput: whether the last lines of the failed step's output say why.
  /// - Returns: these lines.
  @discardableResult
  func end(error: String? = nil, showingOutput: Bool = false) -> [String] {
    state.withLock { state in
      guard !state.isEnded else { return [] }
      let running = state.steps.indices.filter { state.steps[$0].ended == nil }
      let failed = state.failed ?? running.last
      // Of several steps one has failed, and the others are stopped for it.
      for index in running where index != failed {
        finish(index, error: state.failed == nil ? error : "stopped, because another step has failed", &state)
      }
      if let failed { finish(failed, error: error, &state) }
      state.isEnded = true
      if mode == .terminal {
        print(state.terminal.frame(state.steps, now: Self.now()), &state)
        state.terminal.forget()
      }
      guard showingOutput, let failed else { return [] }
      let step = state.steps[failed]
      if mode == .quiet || mode == .terminal {
        for line in step.tail { print("\(step.place)  \(line)\n", &state) }
      }
      return step.tail
    }
  }

  // MARK: Drawing

  private func print(_ text: String, _ state: inout State) {
    if state.isHeld { return state.waiting += text }
    if text.isEmpty { return }
    writeAll(STDERR_FILENO, Array(text.utf8))
  }

  private func draw(_ state: inout State) {
    if state.isEnded || state.isHeld { return }
    print(state.terminal.frame(state.steps, now: Self.now()), &state)
  }

  /// Draws ten times a second, for the times to go on and for a new size of the terminal.
  private func startClock() {
    let context = unsafe Unmanaged.passRetained(self).toOpaque()
    var thread = pthread_t()
    let result = unsafe pthread_create(
      &thread, nil,
      { context in
        guard let context = unsafe context else { return nil }
        let view = unsafe Unmanaged<ProgressView>.fromOpaque(context).takeRetainedValue()
        while view.tick() { usleep(100_000) }
        return nil
      }, context)
    if result == 0 {
      pthread_detach(thread)
    } else {
      unsafe Unmanaged<ProgressView>.fromOpaque(context).release()
    }
  }

  private func tick() -> Bool {
    state.withLock { state in
      draw(&state)
      return !state.isEnded
    }
  }
}
