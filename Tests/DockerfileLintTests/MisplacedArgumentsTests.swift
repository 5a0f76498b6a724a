import Diagnostics
import DockerfileLint
import DockerfileSyntax
import SourceText
import Testing

@Suite("Arguments that stand behind the wrong keyword")
struct MisplacedArgumentsTests {
  private static let recipe = """
    FROM node
    WORKDIR /app
    COPY package.json .
    RUN npm install
    EXPOSE . .
    COPY 3000
    CMD ["npm", "run", "dev"]

    """

  @Test("The recipe of the course: one mistake in two places, and nothing else is lost")
  func recipe() throws {
    #expect(found(Self.recipe) == ["1:6 DL3006", "5:1 DF002"])
    let result = lint(Self.recipe)
    let finding = try #require(result.findings.last)
    #expect(result.source.text(in: finding.range) == "EXPOSE . .")
    #expect(finding.notes.map { result.source.text(in: $0.range) } == ["COPY 3000"])
    #expect(finding.message.contains("swapped") && finding.message.contains("line 6"))
    let fixed = Linter().fix(result.source, minimum: .safe)
    #expect(
      fixed.result.source.bytes
        == Array(
          Self.recipe.replacing("EXPOSE . .", with: "COPY . .").replacing("COPY 3000", with: "EXPOSE 3000")
            .utf8))
    #expect(fixed.applied == 1 && fixed.result.dockerfile.problems.isEmpty)
  }

  @Test(
    "Which lines are one mistake",
    arguments: [
      // Not next to each other, the other way round, with protocols and several words.
      ("COPY 8080/tcp\nRUN x\nEXPOSE ./src /app", ["2:1 DF002"]),
      ("EXPOSE package.json yarn.lock ./\nADD 3000 8080/udp", ["2:1 DF002"]),
      // Two pairs; the nearest belong together.
      ("EXPOSE . .\nCOPY 3000\nEXPOSE a/ /b\nCOPY 4000", ["2:1 DF002", "4:1 DF002"]),
      // One too many stays alone.
      ("EXPOSE . .\nCOPY 3000\nCOPY 4000", ["2:1 DF002", "4:6 DF003"]),
      // Other pairs of the family.
      ("WORKDIR 8080\nEXPOSE /app", ["2:1 DF002"]),
      ("VOLUME 8080\nEXPOSE /data /logs", ["2:1 DF002"]),
      ("USER 3000/tcp\nEXPOSE node", ["2:1 DF002"]),
      ("ENV /app\nWORKDIR NODE_ENV=production", ["2:1 DF002"]),
      // No swap across stages.
      ("EXPOSE . .\nFROM b:1\nCOPY 3000", ["2:8 DF003", "4:6 DF003"]),
      // One alone.
      ("WORKDIR 8080", ["2:9 DF003"]), ("EXPOSE /app", ["2:8 DF003"]), ("USER /home/x", ["2:6 DF003"]),
      ("VOLUME 3000", ["2:8 DF003"]), ("ENV /app", ["2:5 DF003"]), ("COPY 3000", ["2:6 DF003"]),
      ("EXPOSE 8080/http", ["2:8 DF119"]), ("EXPOSE node:22", ["2:8 DF003"]),
    ])
  func pairs(_ body: String, _ expected: [String]) {
    #expect(found("FROM a:1\n\(body)\n") == expected)
  }

  @Test(
    "What is legal is not taken for a swap",
    arguments: [
      "EXPOSE $PORT", "EXPOSE ${PORT:-80}/tcp 90", "EXPOSE \"80\"",
      "EXPOSE 80:80 127.0.0.1:80:80 [::1]:80:80",
      "EXPOSE 7000-7010/udp 9/SCTP", "COPY 3000 ./", "COPY 3000 $DIR", "COPY --from=a 80 90",
      "COPY [\"80\", \"90\"]",
      "ENV PATH /app", "ENV A=/b", "USER john.doe", "USER 1000:1000", "USER $U/x", "VOLUME /a b c/d",
      "VOLUME [\"80\"]",
      "WORKDIR app", "WORKDIR 2024-01", "WORKDIR C:\\\\app", "ONBUILD EXPOSE 80", "COPY <<EOF /x\nEOF",
    ])
  func silence(_ line: String) {
    let misplaced = found("FROM a:1\n\(line)\n").filter { $0.contains("DF00") }
    #expect(misplaced.isEmpty)
  }

  @Test("A fix is safe only if neither line can be built, unsafe otherwise")
  func applicability() {
    func fix(_ body: String) -> [Applicability] {
      lint("FROM a:1\n\(body)\n").findings.flatMap { $0.fixIts.map(\.applicability) }
    }
    #expect(fix("EXPOSE . .\nCOPY 3000") == [.safe])
    #expect(fix("EXPOSE . .\nCOPY 3000 8080") == [.unsafe])
    #expect(fix("WORKDIR 8080\nEXPOSE /app") == [.unsafe])
    #expect(fix("COPY 8080/tcp") == [.safe])
    #expect(fix("COPY 8080") == [.unsafe])
    #expect(fix("EXPOSE http") == [])
  }

  @Test("Many misplaced arguments take time in proportion to their number")
  func manyMisfits() {
    let count = 4000
    let text =
      "FROM a:1\n" + String(repeating: "EXPOSE . .\n", count: count)
      + String(repeating: "COPY 3000\n", count: count)
    let findings = lint(text).findings
    #expect(findings.count == count && findings.allSatisfy { $0.code.id == "DF002" })
  }
}
