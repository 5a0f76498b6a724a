/// Progress as docker's `--progress=plain` prints it: lines that begin with the number of their step.
///
///     #2 [build 2/5] RUN make
///     #2 0.213 cc -o app main.c
///     #2 DONE 1.3s
struct PlainProgress {
  /// The step that was printed last.
  private var current: Int?
  private var running: Set<Int> = []

  mutating func start(_ step: ProgressStep) -> String {
    running.insert(step.number)
    return turn(to: step)
  }

  mutating func line(_ text: String, of step: ProgressStep) -> String {
    let time = secondsText(step.seconds(at: ProgressView.now()), digits: 3)
    return turn(to: step) + "#\(step.number) \(time) \(text)\n"
  }

  /// A line that is no output of the step.
  mutating func note(_ text: String, of step: ProgressStep) -> String {
    turn(to: step) + "#\(step.number) \(text)\n"
  }

  mutating func finish(_ step: ProgressStep) -> String {
    let head = turn(to: step)
    running.remove(step.number)
    if let error = step.error { return head + "#\(step.number) ERROR: \(error)\n" }
    if step.isCached { return head + "#\(step.number) CACHED\n" }
    return head + "#\(step.number) DONE \(secondsText(step.seconds(at: 0), digits: 1))s\n"
  }

  /// A blank line and the name where another step takes over; one that is interrupted gets dots.
  private mutating func turn(to step: ProgressStep) -> String {
    if current == step.number { return "" }
    var text = ""
    if let current {
      if running.contains(current) { text += "#\(current) ...\n" }
      text += "\n"
    }
    current = step.number
    return text + "#\(step.number) \(step.name)\n"
  }
}
