import TestSupport

/// Makes Dockerfiles of all that rules look at, well and badly written, the same for the same seed.
struct RecipeGenerator {
  private var random: SeededGenerator
  private var stages: [String] = []

  init(seed: UInt64) { random = SeededGenerator(seed: seed) }

  /// A Dockerfile of one to three stages.
  mutating func recipe() -> String {
    stages = []
    var text = chance(8) ? "# escape=`\n" : ""
    // Backticks would have to continue lines then; the bodies below are on lines of their own or joined with `&&`.
    let continuation = text.isEmpty ? "\\" : "`"
    if chance(10) {
      text += pick(["# hadolint global ignore=DL3008,DL3059\n", "# syntax=docker/dockerfile:1\n"])
    }
    if chance(5) { text += pick(["ARG BASE=debian:12\n", "ARG VERSION=3.19\nARG BASE\n", "ARG A=latest\n"]) }
    for _ in 0...random.below(3) {
      text += from()
      for _ in 0..<(2 + random.below(9)) { text += line(continuation) }
    }
    if chance(12) { text.removeLast() }
    if chance(12) {
      text = text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\r\n")
    }
    return text
  }

  // MARK: Instructions

  private mutating func from() -> String {
    let image = pick(
      [
        "debian:12", "debian", "debian:latest", "alpine:3.19", "python:3.12-slim", "node:22", "centos:7",
        "scratch",
        "registry.example.com/team/app:1", "registry.example.com:5000/app", "$BASE", "${BASE}",
        "debian:${VERSION}",
        "debian@sha256:6d2f8b6f5f5ed9e5b3f3a0c5f6c0b3a5c0d1e2f3a4b5c6d7e8f9a0b1c2d3e4f5", "fedora:40",
        "opensuse/leap:15", "golang:1.22", "mcr.microsoft.com/powershell:7.4", "busybox:1.36", "ubuntu:24.04",
      ] + stages)
    let platform =
      chance(12)
      ? pick(["--platform=linux/amd64 ", "--platform=$BUILDPLATFORM ", "--platform=$TARGETPLATFORM "]) : ""
    guard chance(2) else { return "FROM \(platform)\(image)\n" }
    let name = pick(["build", "base", "Build", "final", "test", "scratch", "context", "a"])
    stages.append(name)
    return
      "\(pick(["FROM", "FROM", "FROM", "from"])) \(platform)\(image) \(pick(["AS", "AS", "as"])) \(name)\n"
  }

  private mutating func line(_ continuation: String) -> String {
    let comment = chance(14) ? pragma() : ""
    let instruction: String
    switch random.below(20) {
    case 0..<9: instruction = run(continuation)
    case 9, 10: instruction = copy()
    case 11: instruction = add()
    case 12, 13: instruction = environment()
    case 14: instruction = command()
    case 15: instruction = settings()
    case 16: instruction = healthcheck()
    case 17: instruction = heredoc()
    case 18: instruction = "ONBUILD " + (chance(2) ? run(continuation) : copy())
    default: instruction = labels()
    }
    return comment + instruction
  }

  private mutating func pragma() -> String {
    pick([
      "# hadolint ignore=DL3008\n", "# hadolint ignore=DL3008,DL3015,DL4006 # why\n",
      "# hadolint ignore=DL3059\n\n",
      "# a comment\n", "# hadolint stage ignore=DL3020\n", "#hadolint ignore=DL3025\n",
      "# hadolint ignore=dl3008\n",
      "# hadolint shell=powershell\n", "# hadolint shell=bash\n", "\n", "  # indented\n",
    ])
  }

  private mutating func run(_ continuation: String) -> String {
    if chance(14) {
      return pick([
        "RUN [\"apt-get\", \"install\", \"curl\"]\n", "RUN [\"/bin/bash\", \"-c\", \"cd /x && a | b\"]\n",
      ])
    }
    var flags = ""
    if chance(8) {
      flags = pick([
        "--mount=type=cache,target=/var/cache/apt ", "--mount=type=cache,target=/var/lib/apt/lists ",
        "--mount=type=cache,target=/root/.cache/pip ", "--mount=type=secret,id=a ", "--network=none ",
        "--mount=type=cache,target=/var/cache/apk ", "--mount=type=tmpfs,target=/tmp ",
      ])
    }
    let count = 1 + random.below(4)
    var text = shellCommand()
    for _ in 1..<max(1, count) {
      let separator = pick(["&&", "&&", "&&", ";", "||", "|"])
      let rest = shellCommand()
      switch random.below(4) {
      case 0: text += " \(continuation)\n    \(separator) \(rest)"
      case 1: text += " \(separator) \(continuation)\n    \(rest)"
      case 2: text += " \(continuation)\n# between\n  \(separator) \(rest)"
      default: text += " \(separator) \(rest)"
      }
    }
    return "\(pick(["RUN", "RUN", "RUN", "run"])) \(flags)\(text)\n"
  }

  private mutating func shellCommand() -> String {
    let prefix =
      chance(14)
      ? pick(["sudo ", "DEBIAN_FRONTEND=noninteractive ", "env A=1 ", "time ", "! ", "exec "]) : ""
    let packages = pick([
      "curl", "curl=7.88.*", "curl git", "curl=1 git=2", "$PACKAGES", "./a.deb", "curl-8.0", "\"curl\"",
    ])
    return prefix
      + pick([
        "apt-get update", "apt-get install \(packages)", "apt-get install -y \(packages)",
        "apt-get install -y --no-install-recommends \(packages)", "apt-get -qq -y install \(packages)",
        "apt-get install -q=2 \(packages)", "apt install -y \(packages)", "apt-get upgrade -y",
        "apt-get dist-upgrade",
        "rm -rf /var/lib/apt/lists/*", "rm -rf /tmp/x", "apt-get clean", "aptitude install -y \(packages)",
        "apk add \(packages)", "apk add --no-cache \(packages)", "apk --no-cache add curl=8.0-r0",
        "apk upgrade", "apk update",
        "yum install \(packages)", "yum install -y \(packages)", "yum clean all", "yum -y update",
        "rpm -i x.rpm",
        "dnf install -y \(packages)", "dnf clean all", "microdnf install \(packages)", "dnf module install x",
        "zypper install \(packages)", "zypper -n install -y \(packages)", "zypper clean",
        "zypper dist-upgrade -y", "zypper in -y a=1",
        "pip install \(packages)", "pip install --no-cache-dir a==1.0", "pip3 install -r requirements.txt",
        "python3 -m pip install a", "pip install --upgrade pip", "pip install git+https://example.com/a@v1",
        "pip install --no-cache-dir 'a>=1' b~=2", "npm install", "npm install -g a", "npm install a@1 b",
        "npm ci",
        "npm install --global \"a@^1\"", "yarn install", "yarn cache clean", "yarn global add a",
        "gem install a", "gem install a:1 b -v 2",
        "go install example.com/a", "go install example.com/a@v1", "go get example.com/a@latest",
        "go run example.com/b",
        "cd /src", "cd build", "cd /a; make", "useradd app", "useradd -u 1000 app", "useradd -u 123456 app",
        "useradd -l -u 1234567 app",
        "wget https://example.com/a", "wget -q -O- https://example.com/a", "curl -fsSL https://example.com/a",
        "curl a | sh",
        "ssh host", "vim a", "shutdown now", "ps aux", "top", "free", "kill 1", "mount /a", "ifconfig",
        "ln -sf /bin/bash /bin/sh",
        "ln -s /bin/dash /bin/sh", "tar -xf a.tar.gz", "tar xzf /b.tgz -C /opt", "unzip c.zip",
        "set -o pipefail", "set -ex",
        "echo \"$A\" > /etc/a", "make -j4", "true", "export A=1", "if [ -f a ]; then apt-get install b; fi",
        "for p in a b; do pip install $p; done", "(cd /x && make)",
        "{ apt-get update; apt-get install -y a; }",
        "bash -c \"apt-get install -y x\"", "echo 'apt-get install x'", "$(cd /x)", "echo `which sudo`",
        "a | tee b", "x 2>&1 | cat",
        "case $A in a) sudo b ;; esac", "f() { sudo a; }", "cat <<< x", "echo $((1 << 2))",
        "apt-get install -y a # b",
      ])
  }

  private mutating func copy() -> String {
    let from =
      chance(4)
      ? "--from=\(pick(stages + ["0", "1", "debian:12", "debian", "build", "nothing", "$BASE"])) " : ""
    let flag =
      chance(8) ? pick(["--chown=1:1 ", "--chmod=755 ", "--link ", "--parents ", "--exclude=*.md "]) : ""
    return "COPY \(from)\(flag)"
      + pick([
        "a /b", "a b", "a b /c", "a b /c/", "a b .", ". .", ". /app", "a $DIR", "a b $DIR/",
        "[\"a\", \"/b\"]",
        "[\"a\", \"b\", \"/c\"]", "a.tgz /opt/", "b.tar.gz /", "c.zip /c.zip", "a ./b", "/ /", "a \"/b c\"",
        "a C:\\\\x", "--bad /x",
      ]) + "\n"
  }

  private mutating func add() -> String {
    "ADD "
      + pick([
        "a /b", "a.tar.gz /b", "https://example.com/a /b", "a b.tgz /c/", "$URL /a", "--chown=1 a /b",
        "git@example.com:a/b.git /c",
        "--checksum=sha256:1 https://example.com/a /b", "\"a\" /b", "[\"a\", \"b\"]", "root.tar.xz /",
        "a.zip /",
      ]) + "\n"
  }

  private mutating func environment() -> String {
    pick([
      "ENV A=1", "ENV A 1", "ENV A=1 B=$A", "ENV A=1 B=\"${A}/x\"", "ENV PATH=/a:$PATH", "ENV PASSWORD=x",
      "ENV API_TOKEN=x USER=a",
      "ENV PIP_NO_CACHE_DIR=1", "ENV A=a\\ b C=d", "ARG A", "ARG A=1 B=2", "ARG PACKAGES", "ARG DIR=/x",
      "ARG SECRET", "ARG WHO=1",
      "ENV A=1 \\\n  B=2", "ENV DEBIAN_FRONTEND=noninteractive", "ENV KEY_FILE=/x",
      "ENV AWS_SECRET_ACCESS_KEY=$X",
    ]) + "\n"
  }

  private mutating func command() -> String {
    pick([
      "CMD [\"a\", \"b\"]", "CMD a b", "ENTRYPOINT [\"a\"]", "ENTRYPOINT exec a", "CMD [\"a\"",
      "ENTRYPOINT a | b", "CMD exec a $B",
      "CMD [ \"sh\", \"-c\", \"a\" ]", "CMD ['a']", "ENTRYPOINT [ ]",
    ]) + "\n"
  }

  private mutating func settings() -> String {
    pick([
      "USER root", "USER 0", "USER 1000", "USER app", "USER 1000:1000", "USER root:root", "USER $WHO",
      "USER 0:0", "WORKDIR /app",
      "WORKDIR app", "WORKDIR $DIR", "WORKDIR ../x", "WORKDIR \"/a b\"", "WORKDIR \"app\"",
      "WORKDIR C:\\\\app", "WORKDIR C:/app", "EXPOSE 80",
      "EXPOSE 80/udp 443", "EXPOSE 70000", "EXPOSE $PORT", "EXPOSE 80-90", "EXPOSE 80000-90000", "VOLUME /a",
      "VOLUME [\"/a\", \"b\"]",
      "STOPSIGNAL SIGTERM", "STOPSIGNAL 9", "MAINTAINER a <a@example.com>",
      "SHELL [\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"]",
      "SHELL [\"/bin/sh\", \"-c\"]", "SHELL [\"/bin/bash\", \"-c\"]", "SHELL [\"pwsh\", \"-c\"]",
      "SHELL [\"/bin/ash\", \"-eo\", \"pipefail\", \"-c\"]",
    ]) + "\n"
  }

  private mutating func healthcheck() -> String {
    pick([
      "HEALTHCHECK NONE", "HEALTHCHECK CMD a", "HEALTHCHECK CMD [\"a\"]",
      "HEALTHCHECK --interval=5s --timeout=3s CMD curl -f localhost",
      "HEALTHCHECK --retries=3 CMD a | b", "HEALTHCHECK --start-period=10s CMD sudo a",
    ]) + "\n"
  }

  private mutating func labels() -> String {
    pick([
      "LABEL a=b", "LABEL version=\"1.0\" x='y'", "LABEL a b c", "LABEL A.b=c", "LABEL com.docker.x=y",
      "LABEL -a=b", "LABEL a..b=c",
      "LABEL a=b \\\n      c=d", "LABEL org.opencontainers.image.created=\"now\"", "LABEL a=", "LABEL a-=1",
      "LABEL io.docker.a=1 \"q\"=2",
    ]) + "\n"
  }

  private mutating func heredoc() -> String {
    let body = "\(shellCommand())\n\(shellCommand())\n"
    return pick([
      "RUN <<EOF\n\(body)EOF\n\n", "RUN <<'EOF'\n\(body)EOF\n\n", "RUN <<-EOF\n\(body)EOF\n\n",
      "RUN <<EOF\n#!/bin/bash\n\(body)EOF\n\n",
      "COPY <<EOF /x\n\(body)EOF\n\n", "RUN bash <<EOF\n\(body)EOF\n\n", "RUN <<EOF\n\(body)EOF\n",
      "RUN python3 <<EOF\nimport os\nEOF\n\n",
      "COPY <<\"EOF\" /x/\n\(body)EOF\n\n", "RUN cat <<EOF > /x && sudo a\n\(body)EOF\n\n",
    ])
  }

  // MARK: Chance

  private mutating func pick(_ choices: [String]) -> String { choices[random.below(choices.count)] }
  private mutating func chance(_ sides: Int) -> Bool { random.below(sides) == 0 }
}
