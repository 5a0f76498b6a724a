import Testing

@testable import ImageBuild

/// What a RUN may say to an SSH agent (draft-miller-ssh-agent, section 5.1).
@Suite("Messages to an SSH agent")
struct AgentMessagesTests {
  @Test("Questions for keys and for signatures are allowed, and nothing else")
  func allowed() {
    let allowed = (0...255).filter { AgentMessages.isAllowed([0, 0, 0, 1, UInt8($0)]) }
    #expect(allowed == [11, 13])
    #expect(!AgentMessages.isAllowed([0, 0, 0, 0]))
  }

  @Test("A message is as long as its head says, and bounded")
  func count() throws {
    #expect(try AgentMessages.count([0, 0, 0]) == nil)
    #expect(try AgentMessages.count([0, 0, 1, 2, 11]) == 262)
    #expect(try AgentMessages.count([0, 4, 0, 0]) == 256 * 1024 + 4)
    for large: [UInt8] in [[0, 4, 0, 1], [255, 255, 255, 255]] {
      #expect(throws: AgentMessages.Oversized.self) { try AgentMessages.count(large[...]) }
    }
  }
}
