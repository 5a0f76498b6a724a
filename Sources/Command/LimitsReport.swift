import Isolation

/// Which limits of a RUN can be kept here (--memory and the like), and why not the others.
struct LimitsReport {
  /// The controllers that can be had.
  let kept: [String]
  private let problems: [(controller: String, problem: ControlGroupProblem)]

  init() {
    let findings = ControlGroups.findings()
    kept = findings.filter { $0.problem == nil }.map(\.controller)
    problems = findings.compactMap { finding in finding.problem.map { (finding.controller, $0) } }
  }

  /// The controllers, and what keeps the first of the others away.
  var text: String {
    let list = kept.joined(separator: " ")
    guard let (controller, problem) = problems.first else { return list }
    return kept.isEmpty ? problem.summary : "\(list); not \(controller): \(problem.summary)"
  }

  /// What to do about it.
  var advice: String? {
    guard let problem = problems.first?.problem else { return nil }
    let help = resourceHelp(problem)
    return help.prefix(1).uppercased() + help.dropFirst() + (help.hasSuffix("…") ? "" : ".")
  }

  /// For a person who asks what a build does.
  var line: String {
    (kept.isEmpty ? "limits of RUN: none can be kept: \(text)\n" : "limits of RUN: \(text)\n")
      + (advice.map { "  to do: \($0)\n" } ?? "")
  }
}
