import Isolation
import Layers

/// What a stage has come to.
struct FinishedStage: Sendable {
  var files: SharedTree
  /// When the layers that the build made were made, in RFC 3339; those of the stages below included.
  var times: [String]
  /// The entries of the history that are the base image's.
  var baseHistory: Int
  /// When the base image was made.
  var baseTime: String?
}

/// Hands stages out to threads, and tells them of each other's ends.
///
/// Stages are handed out in the order of the file, and a stage needs only stages above it. So of the stages that are
/// under way, the first one never waits for one that nobody has begun.
final class StageBoard: Sendable {
  private struct State: Sendable {
    var waiting: [BuildPlan.Stage]
    var finished: [Int: FinishedStage] = [:]
    var failures: [Int: BuildError] = [:]
    /// How many stages that are not finished need a stage's files.
    var readers: [Int: Int] = [:]
    /// How many steps may begin.
    var permits: Int
    /// The stage whose failed step somebody looks at.
    var held: Int?
  }

  private let monitor: Monitor<State>

  init(_ plan: BuildPlan, jobs: Int) {
    var state = State(waiting: plan.stages.reversed(), permits: jobs)
    for stage in plan.stages {
      for number in stage.neededStages { state.readers[number, default: 0] += 1 }
    }
    monitor = Monitor(state)
  }

  /// The next stage; nil when there is none left, or one has failed.
  func next() -> BuildPlan.Stage? {
    monitor.update { $0.failures.isEmpty ? $0.waiting.popLast() : nil }
  }

  /// Enters why a stage has ended. While somebody looks at a failed step of another one it waits: what comes next
  /// would take the step away from them.
  func fail(_ stage: Int, _ error: BuildError) {
    monitor.wait { state -> Void? in
      guard state.held == nil || state.held == stage || !state.failures.isEmpty else { return nil }
      state.failures[stage] = error
      return ()
    }
  }

  /// From now on no step begins: one of this stage has failed, and somebody looks at it until `fail`.
  /// - Returns: false if that is so for another one, or the build has failed already.
  func hold(for stage: Int) -> Bool {
    monitor.update { state in
      guard state.held == nil, state.failures.isEmpty else { return false }
      state.held = stage
      return true
    }
  }

  /// Enters a finished stage.
  /// - Returns: the stages whose files nobody needs any more.
  func finish(_ stage: BuildPlan.Stage, _ result: FinishedStage) -> [FinishedStage] {
    monitor.update { state in
      state.finished[stage.number] = result
      var idle = state.readers[stage.number, default: 0] == 0 ? [result] : []
      for number in stage.neededStages {
        state.readers[number, default: 0] -= 1
        if state.readers[number] == 0, let stage = state.finished[number] { idle.append(stage) }
      }
      return idle
    }
  }

  /// Waits for a stage to be finished.
  func wait(for stage: Int) throws(BuildProblem.Kind) -> FinishedStage {
    let result = monitor.wait { state -> Result<FinishedStage, BuildProblem.Kind>? in
      if let stage = state.finished[stage] { return .success(stage) }
      return state.failures.isEmpty ? nil : .failure(.isolation(.cancelled))
    }
    return try result.get()
  }

  func finished(_ stage: Int) -> FinishedStage? { monitor.update { $0.finished[stage] } }

  /// Whether no other stage needs a stage's files.
  func isOnlyReader(of stage: Int) -> Bool { monitor.update { $0.readers[stage] == 1 } }

  /// Does work when fewer than the allowed number of steps are under way.
  func withPermit<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
    monitor.wait { state -> Void? in
      // Held, it ends with a failure: then the step is told so.
      guard state.permits > 0, state.held == nil || !state.failures.isEmpty else { return nil }
      state.permits -= 1
      return ()
    }
    defer { monitor.update { $0.permits += 1 } }
    return try body()
  }

  var hasFailed: Bool { monitor.update { !$0.failures.isEmpty } }

  /// What went wrong in the stage that somebody has looked at, or else in the first one of the file in which something
  /// did; what was only stopped comes last.
  var failure: BuildError? {
    monitor.update { state in
      if let held = state.held, let failure = state.failures[held] { return failure }
      let failures = state.failures.sorted { $0.key < $1.key }.map(\.value)
      return failures.first { $0 != .cancelled } ?? failures.first
    }
  }
}

extension BuildPlan.Stage {
  /// The stages whose files this one needs.
  var neededStages: Set<Int> {
    var numbers: Set<Int> = []
    if case .stage(let number) = base { numbers.insert(number) }
    for case .stage(let number) in references { numbers.insert(number) }
    return numbers
  }
}

/// Stops what runs: when the caller says so, and when a stage has failed.
final class StopSignal: Sendable {
  let cancellation: Cancellation?
  private let end: Cancellation?
  private let watcher: Worker?

  /// - Parameter outer: the caller's.
  init(_ outer: Cancellation?, isShared: Bool) throws(IsolationError) {
    guard isShared else {
      (cancellation, end, watcher) = (outer, nil, nil)
      return
    }
    let inner = try Cancellation()
    cancellation = inner
    guard let outer else {
      (end, watcher) = (nil, nil)
      return
    }
    let end = try Cancellation()
    self.end = end
    watcher = Worker {
      if outer.isCancelled(before: end) { inner.cancel() }
    }
  }

  /// A stage has failed: the others stop.
  func stop() { cancellation?.cancel() }

  var isStopped: Bool { cancellation?.isCancelled == true }

  /// Has to be called when nothing runs any more.
  func close() {
    end?.cancel()
    watcher?.join()
  }
}
