import Diagnostics
import DockerfileSyntax
import SourceText

/// Lines that are longer than BuildKit reads. Slipway's own builder has no such limit, so they are no problem of the parser.
enum LongLine {
  /// Bytes of a line without its line feed: Go's `bufio.MaxScanTokenSize`, less one.
  static let limit = 65535

  /// Reports each such line, before continuations are joined; those of here-documents count too.
  static func report(_ dockerfile: Dockerfile, _ findings: inout Findings) {
    let bytes = dockerfile.source.bytes
    guard bytes.count > limit else { return }
    let span = bytes.span
    var instructions = dockerfile.instructions[...]
    var start = 0
    while start < bytes.count {
      let end = span.firstIndex(of: 0x0A, from: start, to: bytes.count) ?? bytes.count
      if end - start > limit {
        let place = ByteRange(start, start + 1)
        while let first = instructions.first, first.range.upper <= place.lower { instructions.removeFirst() }
        findings.report(
          Diagnostic(
            .parseError, .error, "the line has \(end - start) bytes, and BuildKit reads \(limit) at most",
            at: place,
            help: "break it with continuations, or copy a file in place of a long text"),
          at: instructions.first?.index)
      }
      start = end + 1
    }
  }
}
