package import Diagnostics
import DockerfileSyntax

/// Collects what rules find.
package struct Findings {
  /// A finding and the instruction it belongs to.
  struct Entry {
    var diagnostic: Diagnostic
    let instruction: Int?
  }
  private(set) var entries: [Entry] = []
  private var claimed: Set<Int> = []

  /// Adds a finding.
  ///
  /// - Parameter instruction: the instruction that an ignore comment for the finding stands above.
  package mutating func report(_ diagnostic: consuming Diagnostic, at instruction: Int?) {
    entries.append(Entry(diagnostic: diagnostic, instruction: instruction))
  }

  /// Says that a finding explains what the parser found wrong with an instruction, so that one mistake stays one finding.
  package mutating func claimProblems(of instruction: Int) {
    claimed.insert(instruction)
  }

  /// Whether a finding explains already what is wrong with an instruction.
  func isClaimed(_ instruction: Int) -> Bool { claimed.contains(instruction) }

  /// Adds the parser's problems that no rule has claimed.
  ///
  /// What stands above the first FROM is DL3061's.
  mutating func addProblems(of dockerfile: Dockerfile) {
    for problem in dockerfile.problems where problem.kind != .beforeFrom {
      if let instruction = problem.instruction, claimed.contains(instruction) { continue }
      report(problem.diagnostic(in: dockerfile), at: problem.instruction)
    }
  }
}
