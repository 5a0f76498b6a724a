package import Diagnostics

/// How many findings there are of which weight, and how many can be mended.
package struct FindingCounts: Hashable, Sendable {
  private var error = 0
  private var warning = 0
  private var info = 0
  private var style = 0
  /// Those with a safe fix.
  private(set) var safe = 0
  /// Those with an unsafe one alone.
  private(set) var unsafe = 0

  init(_ findings: [Diagnostic]) {
    // By index: a loop over the findings would copy each.
    for index in findings.indices {
      switch findings[index].severity {
      case .error: error += 1
      case .warning: warning += 1
      case .info: info += 1
      case .style: style += 1
      }
      guard !findings[index].fixIts.isEmpty else { continue }
      switch findings[index].fixIts.map(\.applicability).max() {
      case .safe: safe += 1
      case .unsafe: unsafe += 1
      default: break
      }
    }
  }

  /// Whether there are none.
  package var isEmpty: Bool { error + warning + info + style == 0 }

  /// How many there are of a weight.
  package func count(of severity: Severity) -> Int {
    switch severity {
    case .error: error
    case .warning: warning
    case .info: info
    case .style: style
    }
  }

  /// Whether there is one of a weight or a greater one.
  package func reach(_ least: Severity) -> Bool {
    Severity.allCases.contains { $0 >= least && count(of: $0) > 0 }
  }

  mutating func add(_ other: FindingCounts) {
    error += other.error
    warning += other.warning
    info += other.info
    style += other.style
    safe += other.safe
    unsafe += other.unsafe
  }
}
