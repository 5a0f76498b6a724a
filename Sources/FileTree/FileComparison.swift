extension Directory {
  /// Whether two regular files at one path, below this folder and another one, hold the same bytes.
  package func hasSameContent(_ path: BytePath, as other: borrowing Directory) throws(FileError) -> Bool {
    try hasSameContent(path, as: path, in: other)
  }

  /// Whether a regular file holds the same bytes as another one below another folder.
  package func hasSameContent(
    _ path: BytePath, as otherPath: BytePath, in other: borrowing Directory
  ) throws(FileError) -> Bool {
    let mine = try openFile(path)
    let theirs = try other.openFile(otherPath)
    let size = try mine.status().size
    guard try theirs.status().size == size else { return false }
    let length = Int(min(max(size, 1), 1 << 18))
    var left = [UInt8](repeating: 0, count: length)
    var right = left
    var offset: Int64 = 0
    while offset < size {
      let count = try mine.fill(&left, at: offset)
      guard count > 0, try theirs.fill(&right, at: offset) == count, left[..<count] == right[..<count] else {
        return false
      }
      offset += Int64(count)
    }
    return true
  }
}

extension OpenFile {
  /// Reads until the buffer is full or the file ends.
  fileprivate func fill(_ buffer: inout [UInt8], at offset: Int64) throws(FileError) -> Int {
    var filled = 0
    var failure: FileError?
    unsafe buffer.withUnsafeMutableBytes { whole in
      do throws(FileError) {
        while filled < whole.count {
          let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: whole[filled...])
          let count = try unsafe read(into: rest, at: offset + Int64(filled))
          if count == 0 { break }
          filled += count
        }
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return filled
  }
}
