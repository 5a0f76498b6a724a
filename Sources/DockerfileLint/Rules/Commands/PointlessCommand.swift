import Diagnostics
package import DockerfileSyntax
import SourceText

/// DL3001: a command for a running system.
package struct PointlessCommand: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("DL3001", "pointless-command"), .info, visits: [.run], visitsTriggers: true,
    commands: Array(names), summary: "a command that makes no sense while an image is built")

  private static let names: Set<String> = [
    "free", "kill", "mount", "ps", "service", "shutdown", "ssh", "top", "vim",
  ]

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    guard let script = context.script(of: instruction) else { return }
    var places = script.commands.filter { Self.names.contains($0.name) }
    guard !places.isEmpty else { return }
    if !context.isStrict, case .run(let run) = instruction.details,
      run.mounts.contains(where: { $0.value("type")?.equalsIgnoringCase("ssh") ?? false })
    {
      places.removeAll { $0.name == "ssh" }
    }
    findings.report(
      Self.metadata,
      "`\(places.first?.name ?? "")` is for a running system; a build has no services, no users at a terminal and nothing that stays running",
      atEach: places.map(\.nameRange), note: "this one neither",
      help: "do it when the container starts, or leave it out", in: instruction)
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: """
        The commands `free`, `kill`, `mount`, `ps`, `service`, `shutdown`, `ssh`, `top` and `vim` in RUN, also inside \
        ONBUILD. `ssh` is fine where an SSH agent is mounted.
        """,
      why: """
        Each RUN is a container of its own, and only its files are kept. A service that is started ends with the RUN, a \
        mount is gone after it, and there is nobody to edit a file or to watch a screen.
        """,
      instead: """
        Start services with CMD or ENTRYPOINT, mount with `RUN --mount` or when the container starts, and change files with \
        COPY or `sed`.
        """,
      sources: ["https://github.com/hadolint/hadolint"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN apt-get update && «service» nginx start && ‹ps› aux
          ONBUILD RUN exec «top» -b -n 1

          """),
        .good(
          """
          FROM debian:12
          RUN --mount=type=ssh ssh -q -T git@git.example.com 2>/dev/null
          RUN apt-get install -y --no-install-recommends vim=2:9.0.1378-2
          CMD ["nginx", "-g", "daemon off;"]

          """),
      ],
      differences: [
        HadolintDifference(
          "`ssh` with an agent that `--mount=type=ssh` gives is how Docker's documentation tests the access to private repositories",
          "FROM a:1\nRUN --mount=type=ssh ssh -T git@git.example.com\n", ours: [], strict: [2]),
        .hidden("ps aux"),
      ])
  }
}
