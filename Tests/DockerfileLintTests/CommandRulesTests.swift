import Diagnostics
import DockerfileLint
import DockerfileSyntax
import SourceText
import Testing

@Suite("Rules about commands in RUN")
struct CommandRulesTests {
  /// The lines on which a rule finds something.
  private func lines(
    _ id: String, _ text: String, isStrict: Bool = false,
    _ environment: LintEnvironment = LintEnvironment()
  ) -> [Int] {
    let linter = Linter(LintSettings { $0.isStrict = isStrict })
    let result = linter.lint(Source(name: "Dockerfile", text: text), environment)
    let lines = LineIndex(result.source)
    return result.findings.filter { $0.code.id == id }.map { lines.line(of: $0.range.lower) }
  }

  /// Whether a rule finds something in a RUN, in both modes, and the same inside ONBUILD.
  private func isFound(_ id: String, _ command: String, onbuild: Bool = true) -> Bool {
    let verdicts = [false, true].flatMap { isStrict in
      [lines(id, "FROM a:1\nRUN \(command)\n", isStrict: isStrict)]
        + (onbuild ? [lines(id, "FROM a:1\nONBUILD RUN \(command)\n", isStrict: isStrict)] : [])
    }
    #expect(Set(verdicts).count == 1, "\(command): \(verdicts)")
    return verdicts[0] == [2]
  }

  /// What fixes make of a file.
  private func fixed(
    _ id: String, _ text: String, _ minimum: Applicability = .unsafe,
    _ environment: LintEnvironment = LintEnvironment()
  ) -> String {
    let settings = LintSettings { settings in
      settings.ignored = Set(RuleRegistry.all.map { $0.metadata.code.id }.filter { $0 != id })
    }
    let file = Linter(settings).fix(Source(name: "Dockerfile", text: text), minimum: minimum, environment)
    return file.result.source.text(in: ByteRange(0, Int.max))
  }

  @Test(
    "Python packages that have a version, and those that have none",
    arguments: [
      ("pip2 install MySQL_python", true), ("pip3 install MySQL_python==1.2.2", false),
      ("pip install 'a>=0.7' 'b<2' 'c!=1' 'd~=1.1' 'e===1'", false),
      ("pip install a.whl b.tar.gz c/d https://example.com/e.zip", false),
      ("pip install git+https://example.com/a.git@1.0", false),
      ("pip install git+ssh://example.com/a.git#egg=a", true), ("pip install hg+https://example.com/a", true),
      ("python -m pip install a", true), ("python3 -m pip install --index-url u a==1", false),
      ("python3 -m venv /opt && python -c 'import pip' install a", false),
      ("pip install a -c limits.txt", false), ("pip install a --constraint limits.txt", false),
      ("pip install --requirement r.txt", false), ("pip install -r r.txt a", false),
      ("pip install --root-user-action=ignore a", true),
      ("pip install --root-user-action ignore a==1", false),
      ("pip install --target /x -t /y -i u a==1", false), ("pipenv install a", false),
      ("pipx install a", true), ("pip download a", false), ("pip install", false),
      ("pip install --upgrade pip", true), ("apt-get install pip", false),
    ])
  func pip(_ command: String, _ isBad: Bool) {
    #expect(isFound("DL3013", command) == isBad)
  }

  @Test(
    "npm packages that have a version, and those that have none",
    arguments: [
      ("npm install", false), ("npm install --progress=false", false), ("npm install express@4.1.1", false),
      ("npm install @org/pkg@\">=0.1.0\"", false), ("npm install @org/pkg", true),
      ("npm install @my-org/pkg", true), ("npm install -g express", true),
      ("npm install --global express@4", false), ("npm install /f ./f ../f ~/f a.tgz b.tar c.tar.gz", false),
      ("npm install git://example.com/a.git#v1", false),
      ("npm install git+ssh://git@example.com:a/b.git", true),
      ("npm run --crazy install", false), ("npm run install", false), ("npm --loglevel info install a", true),
      ("npm install --registry https://example.com a@1", false), ("npm i express", false),
    ])
  func npm(_ command: String, _ isBad: Bool) {
    #expect(isFound("DL3016", command) == isBad)
  }

  @Test(
    "Gems that have a version, and those that have none",
    arguments: [
      ("gem install bundler", true), ("gem i bundler", true), ("gem i bundler:1", false),
      ("gem i bundler:1 nokogiri", true), ("gem install bundler -v '2.0.1'", false),
      ("gem install bundler --version=2.0.1", false),
      ("gem install a:1 -- --use-system-libraries true", false),
      ("gem install a:1 --use-system-libraries true", false), ("gem list bundler", false),
      ("gem update --system", false),
    ])
  func gems(_ command: String, _ isBad: Bool) {
    #expect(isFound("DL3028", command) == isBad)
  }

  @Test(
    "Go packages that have a version, and those that have none",
    arguments: [
      ("go install example.com/a", true), ("go install example.com/a@latest", true),
      ("go get example.com/a@none", true), ("go install example.com/a@v1.2.3", false),
      ("go install /go/app ./app . ./...", false), ("go get -tool foobar", true),
      ("go get -tool foobar@v1", false), ("go run example.com/a", true),
      ("go run example.com/a@v1 -f --foo bar baz", false), ("go run .", false),
      ("go build example.com/a", false),
      ("go mod download", false),
    ])
  func go(_ command: String, _ isBad: Bool) {
    #expect(isFound("DL3062", command) == isBad)
  }

  @Test(
    "pip's cache",
    arguments: [
      ("pip3 install a", true), ("pip install a --no-cache-dir", false), ("python -m pip install a", true),
      ("python -m pip install a --no-cache-dir", false), ("pipx install a", false),
      ("pipenv install a", false),
      ("python -m pipx install a", false), ("python3 -m pipenv install pip", false),
      ("PIP_NO_CACHE_DIR=1 pip install a", false), ("export PIP_NO_CACHE_DIR=yes && pip install a", false),
      ("PIP_NO_CACHE_DIR=0 pip install a", true),
      ("--mount=type=tmpfs,target=/root/.cache/pip pip install a", false),
      ("--mount=type=cache,target=/var/lib/x pip install a", true),
      ("--mount=type=bind,target=/root/.cache/pip pip install a", true),
    ])
  func pipCache(_ command: String, _ isBad: Bool) {
    #expect(isFound("DL3042", command) == isBad)
  }

  @Test("An environment that switches pip's cache off holds for stages built on it, and for them alone")
  func pipCacheStages() {
    let text = """
      FROM a:1 AS base
      ENV A=1 PIP_NO_CACHE_DIR="on"
      RUN pip install .
      FROM base AS next
      RUN pip install .
      FROM next
      RUN pip install .
      FROM a:1
      RUN pip install .

      """
    #expect(lines("DL3042", text) == [9])
    #expect(lines("DL3042", text, isStrict: true) == [9])
    #expect(lines("DL3042", "FROM a:1\nENV PIP_NO_CACHE_DIR=0\nRUN pip install .\n") == [3])
    let environment = LintEnvironment(imageFacts: { image in
      var facts = ImageFacts()
      if image == "python:3" { facts.environment["PIP_NO_CACHE_DIR"] = "1" }
      return facts
    })
    #expect(
      lines("DL3042", "FROM python:3\nRUN pip install .\nFROM a:1\nRUN pip install .", environment) == [4])
    let isStrict = true
    #expect(lines("DL3042", "FROM python:3\nRUN pip install .\n", isStrict: isStrict, environment) == [2])
  }

  private func lines(_ id: String, _ text: String, _ environment: LintEnvironment) -> [Int] {
    lines(id, text, isStrict: false, environment)
  }

  @Test(
    "Large user ids",
    arguments: [
      ("useradd luser", false), ("useradd -u 12345 luser", false), ("useradd -l -u 123456 luser", false),
      ("useradd -l luser", false), ("useradd -u 123456 luser", true), ("useradd -mu 123456 luser", true),
      ("useradd -u $USER_ID luser", true), ("adduser -u 123456 luser", false),
      ("useradd --no-log-init -u 123456 luser", false),
    ])
  func largeUserIDs(_ command: String, _ isBad: Bool) {
    #expect(isFound("DL3046", command) == isBad)
  }

  @Test(
    "The progress of wget",
    arguments: [
      ("wget u", true), ("wget -O f u", true), ("wget --progress=dot:giga u", false), ("wget -q u", false),
      ("wget -qO- u", false), ("wget --quiet u", false), ("wget -nv u", false),
      ("wget --no-verbose u", false),
      ("wget -o log u", false), ("wget --output-file=log u", false), ("wget -a log u", false),
      ("wget --append-output log u", false), ("wget -c u", true), ("apt-get install wget", false),
    ])
  func wget(_ command: String, _ isBad: Bool) {
    #expect(isFound("DL3047", command) == isBad)
  }

  @Test(
    "Commands that have no place in a build",
    arguments: [
      ("DL3001", "top", true), ("DL3001", "apt-get install ssh", false), ("DL3001", "echo $(ps aux)", true),
      ("DL3001", "ifconfig", false), ("DL3004", "sudo apt-get update", true),
      ("DL3004", "apt-get install sudo", false), ("DL3004", "a && (sudo b)", true),
      ("DL4005", "ln -sfv /bin/bash /bin/sh", true), ("DL4005", "ln -sf /bin/true /sbin/initctl", false),
      ("DL4005", "ln -s foo bar && with /bin/sh", false),
    ])
  func pointless(_ id: String, _ command: String, _ isBad: Bool) {
    #expect(isFound(id, command) == isBad)
  }

  @Test("Directories: in every kind of compound command")
  func directories() {
    for command in [
      "cd /x", "a && (cd y; b)", "if a; then cd x; fi", "f() { cd x; }", "for d in *; do cd $d; done",
    ] {
      #expect(isFound("DL3003", command, onbuild: false), "\(command)")
    }
    #expect(!isFound("DL3003", "pushd x && popd", onbuild: false))
  }

  @Test(
    "Consecutive RUNs",
    arguments: [
      ("RUN a\nRUN b", [3]), ("RUN a\n# c\n\n# d\nRUN b", [6]), ("RUN a\nWORKDIR /\nRUN b", []),
      ("RUN a && b\nRUN c", []), ("RUN a\nRUN b; c", []), ("RUN a && b\nRUN c\nRUN d", [4]),
      ("RUN a\nRUN b\nRUN c", [3, 4]), ("RUN --mount=type=secret,id=x a\nRUN b", []),
      ("RUN --mount=type=secret,id=x a\nRUN --mount=type=secret,id=y b", []),
      ("RUN --mount=type=secret,id=x a\nRUN --mount=id=x,type=secret b", [3]),
      ("RUN --network=none a\nRUN b", []), ("RUN a\nFROM b:1\nRUN c", []), ("RUN a\nRUN echo $(b)", []),
      ("RUN a\nONBUILD RUN b\nRUN c", []), ("RUN [\"a\"]\nRUN [\"b\"]", [3]),
    ])
  func consecutiveRuns(_ text: String, _ expected: [Int]) {
    #expect(lines("DL3059", "FROM a:1\n\(text)\n") == expected)
    #expect(lines("DL3059", "FROM a:1\n\(text)\n", isStrict: true) == expected)
  }

  @Test("Consecutive RUNs are joined only where nothing in them can turn the meaning")
  func joining() {
    #expect(
      fixed("DL3059", "FROM a:1\r\nrun a \r\nrun \\\r\n  b \"x\"\r\nrun c\r\n")
        == "FROM a:1\r\nrun a \\\r\n    && b \"x\" \\\r\n    && c\r\n")
    for text in [
      "RUN a # b\nRUN c", "RUN a &\nRUN c", "RUN <<E\na\nE\nRUN b", "RUN [\"a\"]\nRUN b",
      "RUN a\n# hadolint\nRUN b",
    ] {
      let file = "FROM a:1\n\(text)\n"
      #expect(lines("DL3059", file) != [] && fixed("DL3059", file) == file, "\(text)")
    }
  }

  @Test("yarn's cache counts in the last stage and in stages that others are built on")
  func yarn() {
    for isStrict in [false, true] {
      #expect(lines("DL3060", "FROM a:1\nRUN yarn install x\n", isStrict: isStrict) == [2])
      #expect(lines("DL3060", "FROM a:1\nRUN yarn install && yarn cache clean\n", isStrict: isStrict) == [])
      #expect(lines("DL3060", "FROM a:1\nRUN yarn cache clean && yarn install\n", isStrict: isStrict) == [2])
      #expect(lines("DL3060", "FROM a:1\nRUN yarn\nRUN yarn add x\n", isStrict: isStrict) == [])
      #expect(lines("DL3060", "FROM a:1 AS x\nRUN yarn install\nFROM b:1\n", isStrict: isStrict) == [])
      #expect(lines("DL3060", "FROM a:1 AS x\nRUN yarn install\nFROM x\n", isStrict: isStrict) == [2])
      #expect(
        lines("DL3060", "FROM a:1\nONBUILD RUN yarn install\nFROM b:1\n", isStrict: isStrict) == [2])
    }
  }

  @Test("curl and wget: who comes second is flagged, and everybody after that")
  func downloads() {
    let text = """
      FROM a:1
      RUN wget a
      RUN curl b
      RUN echo
      RUN wget c
      FROM b:1
      RUN curl d && wget e
      FROM c:1
      RUN curl f
      ONBUILD RUN wget g
      ONBUILD RUN curl h

      """
    #expect(lines("DL4001", text) == [3, 5, 7, 11])
    #expect(lines("DL4001", text, isStrict: true) == [3, 5, 7, 11])
  }

  @Test(
    "Which SHELL sees the failures of a pipe",
    arguments: [
      ("[\"/bin/bash\", \"-eo\", \"pipefail\", \"-c\"]", false),
      ("[\"/bin/bash\", \"-o\", \"errexit\", \"-o\", \"pipefail\", \"-c\"]", false),
      ("[\"/bin/zsh\", \"-o\", \"pipefail\", \"-c\"]", false),
      ("[\"ash\", \"-o\", \"pipefail\", \"-c\"]", false),
      ("[\"/bin/sh\", \"-o\", \"pipefail\", \"-c\"]", true), ("[\"/bin/bash\", \"-c\"]", true),
      ("[\"pwsh\", \"-c\"]", false), ("[\"powershell.exe\"]", false), ("[\"cmd\", \"/c\"]", false),
    ])
  func shells(_ shell: String, _ isBad: Bool) {
    let text = "FROM a:1\nSHELL \(shell)\nRUN a | b\n"
    #expect(lines("DL4006", text) == (isBad ? [3] : []))
    #expect(lines("DL4006", text, isStrict: true) == (isBad ? [3] : []))
    let reset = "FROM a:1\nSHELL \(shell)\nFROM b:1\nRUN a | b\n"
    #expect(lines("DL4006", reset) == [4] && lines("DL4006", reset, isStrict: true) == [4])
  }

  @Test("A shell is the same in every folder; hadolint 2.15.1 knows those in /bin")
  func shellElsewhere() {
    let text = "FROM a:1\nSHELL [\"/usr/local/bin/zsh\", \"-o\", \"pipefail\", \"-c\"]\nRUN a | b\n"
    #expect(lines("DL4006", text) == [])
    #expect(lines("DL4006", text, isStrict: true) == [3])
  }

  @Test("The SHELL of a base image counts when it is known")
  func shellOfImage() {
    let environment = LintEnvironment(imageFacts: { image in
      var facts = ImageFacts()
      if image == "base:1" { facts.shell = ["/bin/bash", "-o", "pipefail", "-c"] }
      return facts
    })
    let text = "FROM base:1 AS one\nRUN a | b\nFROM one\nRUN a | b\nFROM other:1\nRUN a | b\n"
    #expect(lines("DL4006", text, environment) == [6])
    #expect(lines("DL4006", text, isStrict: true, environment) == [2, 4, 6])
  }

  @Test("What a stage is built on is known through variables too")
  func variablesInFrom() {
    #expect(
      lines(
        "DL4006",
        "ARG B=one\nFROM a:1 AS one\nSHELL [\"ash\", \"-o\", \"pipefail\", \"-c\"]\nFROM $B\nRUN a | b\n")
        == [])
    let windows = "ARG B=mcr.microsoft.com/windows/nanoserver\nFROM ${B}:ltsc2022\nRUN a | b\n"
    #expect(lines("DL4006", windows) == [] && lines("DL4006", windows, isStrict: true) == [3])
    #expect(fixed("DL4006", "ARG B=alpine:3\nFROM $B\nRUN a | b\n").contains("SHELL [\"/bin/ash\""))
  }

  @Test("A SHELL instruction is offered once for a stage and those built on it, not where one is set")
  func pipefailFix() {
    #expect(
      fixed("DL4006", "FROM a:1 AS x\r\nRUN a | b\r\nRUN c | d\r\nFROM x\r\nRUN e | f\r\n")
        == "FROM a:1 AS x\r\nSHELL [\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"]\r\nRUN a | b\r\nRUN c | d\r\nFROM x\r\nRUN e | f\r\n"
    )
    let plain = "FROM a:1\nSHELL [\"/bin/sh\", \"-c\"]\nRUN a | b\n"
    #expect(fixed("DL4006", plain) == plain)
    let scratch = "FROM scratch\nRUN a | b\n"
    #expect(fixed("DL4006", scratch) == scratch)
  }

  @Test("sudo is taken away safely only where the user is known to be root")
  func sudoFix() {
    func fix(_ text: String, _ minimum: Applicability = .safe) -> String { fixed("DL3004", text, minimum) }
    #expect(fix("FROM scratch\nRUN sudo a\n") == "FROM scratch\nRUN a\n")
    #expect(fix("FROM a:1\nUSER 0:0\nRUN b | sudo tee x\n") == "FROM a:1\nUSER 0:0\nRUN b | tee x\n")
    for text in [
      "FROM a:1\nRUN sudo a\n", "FROM a:1\nUSER $U\nRUN sudo a\n", "FROM a:1\nUSER root\nRUN sudo -E a\n",
    ] {
      #expect(fix(text) == text && fix(text, .unsafe) != text, "\(text)")
    }
    for text in [
      "FROM a:1\nUSER app\nRUN sudo a\n", "FROM a:1\nUSER root\nRUN sudo -u app a\n",
      "FROM a:1\nUSER root\nRUN sudo A=1 a\n", "FROM a:1\nUSER root\nRUN [\"sudo\", \"a\"]\n",
      "FROM a:1\nUSER root\nRUN sudo \\\n  a\n", "FROM a:1\nUSER root\nRUN sudo \"$X\"\n",
    ] {
      #expect(fix(text, .unsafe) == text, "\(text)")
    }
    let facts = LintEnvironment(imageFacts: { _ in ImageFacts() })
    #expect(fixed("DL3004", "FROM a:1\nRUN sudo a\n", .safe, facts) == "FROM a:1\nRUN a\n")
  }

  @Test("A WORKDIR takes the place of `cd` only at the start, with a path that is written out")
  func directoryFix() {
    #expect(
      fixed("DL3003", "FROM a:1\nRUN --network=none cd /x  && \\\n\tmake\n")
        == "FROM a:1\nWORKDIR /x\nRUN --network=none make\n")
    for command in [
      "cd x && make", "cd $X && make", "cd /x; make", "cd /x", "a && cd /x && make", "cd /x || make",
      "cd /x && cd /y && make", "cd /x && \\\n# c\n make",
    ] {
      let text = "FROM a:1\nRUN \(command)\n"
      #expect(fixed("DL3003", text) == text, "\(command)")
    }
  }

  @Test("Archives: which COPY is flagged, and when")
  func archives() {
    for isStrict in [false, true] {
      func lines(_ text: String) -> [Int] { self.lines("DL3010", "FROM a:1\n" + text, isStrict: isStrict) }
      #expect(lines("COPY a.tar /x\nRUN tar -xf /x/a.tar\n") == [2])
      #expect(lines("COPY f/a.tar /b.tar\nRUN tar -xf /b.tar\n") == [2])
      #expect(lines("COPY f/a.tar /b.tar\nRUN tar -xf /a.tar\n") == [])
      #expect(lines("COPY b\\a.tar.gz \"C:\\F\"\nRUN tar -xf \"C:\\F\\a.tar.gz\"\n") == [2])
      #expect(
        lines("COPY [\"a.tgz\", \"b.tgz\", \"/\"]\nRUN tar -xf a.tgz && tar --extract -f b.tgz\n") == [2])
      #expect(lines("COPY a.tar /x\nCOPY a.tar /y\nRUN tar -xf /x/a.tar\n") == [2, 3])
      #expect(lines("RUN tar -xf a.tar\nCOPY a.tar /x\n") == [])
      #expect(lines("COPY --from=b a.tar /x\nRUN tar -xf /x/a.tar\n") == [])
      #expect(lines("COPY a.tar /x\nRUN tar -cf /x/a.tar /y\n") == [])
      #expect(lines("COPY a.tar.gz /x\nRUN gunzip a.tar.gz\n") == [2])
    }
  }
}
