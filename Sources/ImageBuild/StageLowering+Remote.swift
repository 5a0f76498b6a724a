import DockerfileSyntax
import Download
import OCIModel
import SourceText

// Sources of ADD that are elsewhere.
extension StageLowering {
  /// Reads a source of COPY or ADD; nil after a problem, which is reported.
  mutating func source(
    _ path: [UInt8], at range: ByteRange, _ instruction: Instruction, isAdd: Bool
  ) -> CopyOperation.Source? {
    let text = String(decoding: path, as: UTF8.self)
    let isGit = GitReference.names(text)
    let isWeb = ["http://", "https://"].contains { text.hasPrefix($0) }
    guard isGit || isWeb else {
      if isAdd, let flag = instruction.flag("checksum") { report(.checksumOfLocalSource, at: flag.range) }
      return .path(path)
    }
    guard isAdd else {
      report(.remoteSourceInCopy(text.withoutCredentials), at: range)
      return nil
    }
    guard isGit else { return file(text, instruction).map { .remote(.file($0)) } }
    return repository(text, at: range, instruction).map { .remote(.repository($0)) }
  }

  private mutating func checksum(_ instruction: Instruction) -> (text: String, range: ByteRange)? {
    guard let flag = instruction.flag("checksum"), let word = flag.value, let text = expandedText(word)
    else { return nil }
    if case .add(let transfer) = instruction.details, transfer.sources.count > 1 {
      // Once for all of them.
      let isReported = problems.contains { $0.kind == .checksumOfSeveralSources && $0.range == flag.range }
      if !isReported { report(.checksumOfSeveralSources, at: flag.range) }
      return nil
    }
    return text.isEmpty ? nil : (text, word.range)
  }

  private mutating func file(_ url: String, _ instruction: Instruction) -> RemoteFile? {
    var file = RemoteFile(url: url, unpacks: booleanFlag("unpack", instruction) == true)
    guard let checksum = checksum(instruction) else { return file }
    do throws(DigestError) {
      file.checksum = try Digest(parsing: checksum.text)
    } catch {
      report(.invalidChecksum(checksum.text), at: checksum.range)
    }
    return file
  }

  private mutating func repository(
    _ text: String, at range: ByteRange, _ instruction: Instruction
  ) -> GitReference? {
    var reference: GitReference
    do throws(GitReference.Failure) {
      guard let parsed = try GitReference(parsing: text) else { return nil }
      reference = parsed
    } catch {
      report(.gitReference(text.withoutCredentials, error), at: range)
      return nil
    }
    if let keeps = booleanFlag("keep-git-dir", instruction) {
      if reference.keepsGitFolder == !keeps {
        report(.gitReference(text.withoutCredentials, .conflict("keep-git-dir")), at: range)
      }
      reference.keepsGitFolder = keeps
    }
    if let checksum = checksum(instruction) {
      if !GitReference.isHexadecimal(checksum.text) {
        report(.invalidChecksum(checksum.text), at: checksum.range)
      } else if let commit = reference.commit, commit != checksum.text {
        report(.gitReference(text.withoutCredentials, .conflict("checksum")), at: range)
      }
      reference.commit = checksum.text
    }
    return reference
  }
}
