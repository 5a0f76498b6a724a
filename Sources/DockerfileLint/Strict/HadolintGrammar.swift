package import SourceText

/// Where hadolint stops reading a file.
package struct HadolintParseError: Hashable, Sendable {
  /// The byte offset in the file; the size of the file when it stops at the end.
  package let offset: UInt32
  /// The line that hadolint prints, from 1.
  package let line: Int
  /// The column that hadolint prints, from 1: characters, of which wide ones count twice; a tab goes on to the next stop
  /// of eight.
  package let column: Int
}

/// hadolint's own grammar for Dockerfiles, which takes fewer files than BuildKit's.
///
/// hadolint 2.15.1 reads a file with language-docker 16.0.0 and reports nothing but one DL1000 for a file that does not
/// fit that grammar. The strict verdict needs to know which files those are, and where it stops: at the place that is
/// furthest along among the ways it tried, which is often behind the mistake. It is a recogniser of the language, checked
/// against the program; what is read is thrown away, save in ``reading(of:)``.
///
/// Two files that the program cannot finish are taken here: `COPY []` and `ADD []` end it with an exception.
package enum HadolintGrammar {
  /// The place where hadolint gives up, nil for a file that it reads to its end.
  ///
  /// Takes time in proportion to the size of the file.
  package static func firstError(in source: Source) -> HadolintParseError? {
    var reader = HadolintReader(HadolintText(source.bytes), isRecording: false)
    return reader.readFile()
  }

  /// The instructions as hadolint sees them, up to the place where it gives up.
  package static func reading(of source: Source) -> HadolintReading {
    var reader = HadolintReader(HadolintText(source.bytes), isRecording: true)
    let error = reader.readFile()
    return HadolintReading(
      instructions: reader.finished.map { $0.instruction(reader.text, source) }, error: error)
  }
}
