import Testing

@testable import DockerfileLint

@Suite("Which rules look at a RUN")
struct RuleSetTests {
  private func numbers(_ set: RuleSet) -> [Int] {
    var found: [Int] = []
    var next = 0
    while let rule = set.first(from: next) {
      found.append(rule)
      next = rule + 1
    }
    return found
  }

  @Test("A set gives its rules in ascending order, the last one that there may be included")
  func order() {
    var set = RuleSet()
    for rule in [RuleSet.capacity - 1, 64, 3, 0, 63, 128, 3] { set.insert(rule) }
    #expect(numbers(set) == [0, 3, 63, 64, 128, RuleSet.capacity - 1])
    #expect(numbers(RuleSet()) == [])
  }

  @Test("Rules about commands come where one of these is called, the others always")
  func names() {
    var visitors = RunVisitors()
    visitors.insert(7, about: CommandNames(["apt-get", "wget"]))
    visitors.insert(2, about: nil)
    visitors.insert(200, about: CommandNames(["curl"]))
    #expect(numbers(visitors.rules(calling: CommandNames())) == [2])
    #expect(numbers(visitors.rules(calling: CommandNames(["wget"]))) == [2, 7])
    #expect(numbers(visitors.rules(calling: CommandNames(["curl", "apt-get"]))) == [2, 7, 200])
  }

  @Test("The numbers of names are those that sets are compared by")
  func numbersOfNames() {
    let names = ["apt-get", "pip", "yum", "zypper", "cd", "x"]
    for name in names {
      var found: [Int] = []
      CommandNames([name]).forEachNumber { found.append($0) }
      #expect(found.count == 1 && (0..<CommandNames.numberCount).contains(found[0]))
    }
  }
}
