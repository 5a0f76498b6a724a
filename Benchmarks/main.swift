// Measures the parser: `Benchmarks parse FOLDER [MEGABYTES]` over the files of a folder, joined and repeated.

import DockerfileSyntax
import Glibc
import SourceText

func read(_ path: String) -> [UInt8] {
  let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { return [] }
  defer { close(descriptor) }
  var bytes: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 1 << 16)
  while true {
    let count = unsafe Glibc.read(descriptor, &buffer, buffer.count)
    guard count > 0 else { return bytes }
    bytes.append(contentsOf: buffer[..<count])
  }
}

func names(in folder: String) -> [String] {
  guard let stream = unsafe opendir(folder) else { return [] }
  defer { unsafe closedir(stream) }
  var names: [String] = []
  while let entry = unsafe readdir(stream) {
    let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
      unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
    }
    if !name.hasPrefix(".") { names.append(name) }
  }
  return names.sorted()
}

/// Processor seconds of this process.
func processorTime() -> Double {
  var time = timespec()
  unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

func oneDecimal(_ value: Double) -> String {
  let tenths = Int((value * 10).rounded())
  return "\(tenths / 10).\(tenths % 10)"
}

/// Runs `body` five times and prints the best rate.
func measure(_ name: String, megabytes: Double, _ body: () -> Int) {
  var best = Double.infinity
  var result = 0
  for _ in 0..<5 {
    let start = processorTime()
    result = body()
    best = min(best, processorTime() - start)
  }
  print("\(name): \(oneDecimal(megabytes / best)) MB/s (\(oneDecimal(best * 1000)) ms, \(result))")
}

let arguments = Swift.CommandLine.arguments
guard arguments.count >= 3, arguments[1] == "parse" else {
  print("usage: Benchmarks parse FOLDER [MEGABYTES]")
  exit(2)
}
let folder = arguments[2]
let size = (arguments.count > 3 ? Int(arguments[3]) ?? 32 : 32) * 1_000_000
let files = names(in: folder).map { read(folder + "/" + $0) }.filter { !$0.isEmpty }
guard !files.isEmpty else {
  print("no files in \(folder)")
  exit(2)
}
var corpus: [UInt8] = []
while corpus.count < size {
  for file in files where corpus.count < size {
    corpus += file
    if corpus.last != 0x0A { corpus.append(0x0A) }
  }
}
let source = Source(name: "corpus", bytes: corpus)
let megabytes = Double(corpus.count) / 1e6
let total = Double(files.reduce(0) { $0 + $1.count }) / 1e6
print("\(files.count) files, \(oneDecimal(total)) MB; joined and repeated to \(oneDecimal(megabytes)) MB")
measure("syntax tree, one file", megabytes: megabytes) { SyntaxTree.parse(source).instructions.count }
let sources = files.map { Source(name: "file", bytes: $0) }
measure("syntax tree, file by file", megabytes: total) {
  sources.reduce(0) { $0 + SyntaxTree.parse($1).instructions.count }
}
measure("model, file by file", megabytes: total) {
  sources.reduce(0) { $0 + Dockerfile(parsing: $1).instructions.count }
}
measure("S-expression, file by file", megabytes: total) {
  sources.reduce(0) { $0 + ((try? SyntaxTree.parse($1).sExpression().count) ?? 0) }
}
let line = Source(name: "line", bytes: Array("RUN ".utf8) + [UInt8](repeating: 0x61, count: 100_000_000))
measure("syntax tree, 100 MB on one line", megabytes: 100) { SyntaxTree.parse(line).tokens.count }
