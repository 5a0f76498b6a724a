import Diagnostics
package import DockerfileSyntax

/// DL3030: `yum install` that asks.
package struct YumWithoutYes: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("DL3030", "yum-without-yes"), .warning, fix: .safe, visits: [.run], visitsTriggers: true,
    commands: programs, summary: "yum install that asks before it installs")

  private static let programs = ["yum"]
  private static let verbs = ["install", "groupinstall", "localinstall"]

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    let calls = context.packageCalls(Self.programs, Self.verbs, in: instruction).filter {
      !$0.command.hasFlag("y", "assumeyes")
    }
    guard !calls.isEmpty else { return }
    MissingOption(
      metadata: Self.metadata, option: "-y",
      reason: "asks before it installs, and nobody answers during a build"
    ).report(calls, of: instruction, &findings)
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`yum install`, `yum groupinstall` or `yum localinstall` without `-y` or `--assumeyes`.",
      why:
        "yum asks whether to go on. Nobody answers during a build, yum takes that for a no, and the build fails.",
      instead: "Write `yum install -y`.",
      fixSafety: "Safe. None for the exec form and where the verb is quoted.",
      sources: ["https://github.com/hadolint/hadolint", "https://man7.org/linux/man-pages/man8/yum.8.html"],
      examples: [
        .bad(
          """
          FROM centos:7
          RUN «yum install» curl-7.29.0 && yum clean all

          """,
          fixed: """
            FROM centos:7
            RUN yum install -y curl-7.29.0 && yum clean all

            """),
        .good(
          """
          FROM centos:7
          RUN yum -y install curl-7.29.0 && yum clean all

          """),
      ],
      differences: [.hidden("yum install curl")])
  }
}
