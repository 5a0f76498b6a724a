import Diagnostics
import Testing

@Suite("Did you mean")
struct SuggestionTests {
  private static let keywords = ["ADD", "CMD", "COPY", "ENTRYPOINT", "ENV", "FROM", "RUN", "WORKDIR"]

  @Test(
    "The nearest word, and how far it is",
    arguments: [
      ("RNU", "RUN", 1), ("run", "RUN", 0), ("COPPY", "COPY", 1), ("FORM", "FROM", 1),
      ("entry-point", "ENTRYPOINT", 1),
      ("WROKDRI", "WORKDIR", 2),
    ])
  func near(_ word: String, _ candidate: String, _ distance: Int) throws {
    let result = try #require(nearest(to: Array(word.utf8), among: Self.keywords))
    #expect(result.candidate == candidate && result.distance == distance)
  }

  @Test("Nothing comes near", arguments: ["", "x", "nonsense", "git", String(repeating: "a", count: 65)])
  func far(_ word: String) {
    #expect(nearest(to: Array(word.utf8), among: Self.keywords) == nil)
  }

  @Test("Ties go to the first")
  func ties() {
    #expect(nearest(to: Array("AMD".utf8), among: ["ADD", "CMD"])?.candidate == "ADD")
    #expect(nearest(to: Array("AMD".utf8), among: ["CMD", "ADD"])?.candidate == "CMD")
  }
}
