import Diagnostics
package import DockerfileSyntax

/// DL3007: a base image with the tag `latest`.
package struct LatestBaseImage: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("DL3007", "latest-base-image"), .warning, visits: [.from],
    summary: "a base image with the tag `latest`")

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    guard case .from(let from) = instruction.details, let image = from.image else { return }
    let parts = ImageName(image.bytes, isStrict: context.isStrict)
    guard let tag = parts.tag, let indices = parts.tagIndices, tag.elementsEqual("latest".utf8),
      !parts.hasDigest
    else { return }
    findings.report(
      Diagnostic(
        Self.metadata.code, .warning, "`latest` is another image with each new release",
        at: image.part(indices).range, help: "write the version you test with in place of `latest`"),
      at: instruction.index)
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "FROM with the tag `latest` and no digest.",
      why: """
        The tag is moved with each release. The same Dockerfile gives another image tomorrow, and a new major version \
        breaks a build in which nothing was changed.
        """,
      instead: "Name the version. A digest as well makes the base the same for ever.",
      sources: [
        "https://github.com/hadolint/hadolint", "https://docs.docker.com/build/building/best-practices/",
      ],
      examples: [
        .bad(
          """
          FROM debian«:latest»
          FROM registry.example.com:5000/app«:latest» AS app

          """),
        .good(
          """
          FROM debian:12
          FROM debian:latest@sha256:0000000000000000000000000000000000000000000000000000000000000000

          """),
      ],
      differences: [
        HadolintDifference(
          "What follows a colon before a slash is a port; the version is what follows the next.",
          "FROM $REGISTRY:5000/x:latest\n", ours: [1], strict: [])
      ])
  }
}
