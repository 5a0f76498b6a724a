import Diagnostics
package import DockerfileSyntax

/// DL3006: a base image without a version.
package struct UntaggedBaseImage: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("DL3006", "untagged-base-image"), .warning, visits: [.from],
    summary: "a base image without a version")

  private var stages: StageNames?

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    guard case .from(let from) = instruction.details, let image = from.image else { return }
    var stages = stages ?? StageNames(isStrict: context.isStrict)
    let isStage = stages.parent(image) != nil
    stages.add(from)
    self.stages = stages
    let parts = ImageName(image.bytes, isStrict: context.isStrict)
    guard !isStage, parts.tag == nil, !parts.hasDigest, parts.name.first != 0x24,
      !parts.name.elementsEqual("scratch".utf8)
    else { return }
    let shown = image.string
    findings.report(
      Diagnostic(
        Self.metadata.code, .warning,
        "`\(shown)` has no version, so what is built changes with each new release",
        at: image.range, help: "write the version you test with behind a colon, like `\(shown):1.2`"),
      at: instruction.index)
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: """
        FROM with neither tag nor digest, unless the image is `scratch`, starts with a variable, or is the name of an \
        earlier stage.
        """,
      why: """
        Without a tag the image is the one called `latest` at the time of the build. The same Dockerfile gives another \
        image tomorrow, and a new major version breaks a build in which nothing was changed.
        """,
      instead: "Name the version behind a colon. A digest as well makes the base the same for ever.",
      sources: [
        "https://github.com/hadolint/hadolint", "https://docs.docker.com/build/building/best-practices/",
      ],
      examples: [
        .bad(
          """
          FROM «node»
          FROM «registry.example.com/team/app» AS app
          FROM «registry.example.com:5000/app»

          """),
        .good(
          """
          ARG BASE=debian:12
          FROM ${BASE} AS build
          FROM build AS test
          FROM debian@sha256:0000000000000000000000000000000000000000000000000000000000000000
          FROM localhost:5000/app:1
          FROM scratch

          """),
      ],
      differences: [
        HadolintDifference(
          "What follows a colon before a slash is a port, not a version.", "FROM localhost:5000/x\n",
          ours: [1],
          strict: []),
        HadolintDifference(
          "Letter case does not count in names of stages.", "FROM a:1 AS Build\nFROM build\n", ours: [],
          strict: [2]),
      ])
  }
}
