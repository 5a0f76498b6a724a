package import DockerfileSyntax
package import SourceText

/// A file as hadolint reads it: more instructions than BuildKit sees, or fewer, with other texts.
package struct HadolintReading: Sendable {
  /// The instructions and comments up to the place where hadolint gives up.
  package let instructions: [HadolintInstruction]
  /// The place where hadolint gives up; it then reports nothing about the instructions.
  package let error: HadolintParseError?
}

/// An instruction, or a comment, as hadolint reads it.
package struct HadolintInstruction: Sendable {
  /// The instruction, under ONBUILD the one that is triggered; nil for a comment.
  package let kind: InstructionKind?
  /// Whether it is a comment of the form `# escape=…` or `# syntax=…`, wherever it stands.
  package let isDirective: Bool
  /// How many ONBUILDs stand before it.
  package let triggers: Int
  /// The line (from 1) in which it begins, where its findings are reported.
  package let line: Int
  /// Its bytes in the file, from the keyword to the end of what was read for it.
  package let range: ByteRange
  /// What it consists of, in order.
  package let parts: [HadolintPart]

  /// The text of the first part of a role.
  package func text(_ role: HadolintPart.Role) -> CookedText? { parts.first { $0.role == role }?.text }
}

/// A piece of an instruction that hadolint's rules look at.
package struct HadolintPart: Sendable {
  /// What a part is.
  package enum Role: Sendable {
    /// FROM's `--platform`.
    case platform
    /// FROM's registry: all up to a `/` that a `.` stands before.
    case registry
    /// FROM's image without registry, tag and digest.
    case image
    /// FROM's tag.
    case tag
    /// FROM's digest.
    case digest
    /// FROM's alias.
    case alias
    /// The name in ARG, ENV and LABEL.
    case name
    /// The value in ARG, ENV and LABEL, the line of USER and its like, the text of a comment behind the `#`.
    case value
    /// A source of COPY and ADD; not the markers of here-documents.
    case source
    /// The target of COPY and ADD.
    case target
    /// COPY's `--from`.
    case from
    /// A port of EXPOSE, or a range of ports.
    case port
    /// The marker of a here-document; a source of COPY.
    case marker
    /// Text for a shell; of a command with a here-document what stands before the marker.
    case shell
    /// A list in brackets, its elements joined with blanks.
    case exec
    /// The body of a here-document at the beginning of a command. It begins behind the marker, so that it holds the
    /// rest of the marker's line.
    case heredoc
  }

  /// What it is.
  package let role: Role
  /// Its text without quotes and with each continuation as a blank or nothing, and the way back to the file.
  package let text: CookedText
}
