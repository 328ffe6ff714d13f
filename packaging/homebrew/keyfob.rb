# keyfob for Homebrew, on Linux: brew install --HEAD ./packaging/homebrew/keyfob.rb
class Keyfob < Formula
  desc "One agent for all of a person's SSH keys: unlock once, use everywhere"
  homepage "https://github.com/keyfob/keyfob"
  license any_of: ["MIT", "Apache-2.0"]
  head "https://github.com/keyfob/keyfob.git", branch: "main"

  depends_on "rust" => :build
  depends_on :linux

  def install
    system "cargo", "install", *std_cargo_args(path: "crates/cli")
    man1.install Dir["packaging/man/*.1"]
    man5.install Dir["packaging/man/*.5"]
    man7.install Dir["packaging/man/*.7"]
    bash_completion.install "packaging/completions/keyfob.bash" => "keyfob"
    zsh_completion.install "packaging/completions/_keyfob"
    fish_completion.install "packaging/completions/keyfob.fish"
  end

  def caveats
    <<~TEXT
      Begin with this line in the start file of your shell:
        eval "$(keyfob env)"
      and see: keyfob help
    TEXT
  end

  test do
    system bin/"keyfob", "generate", "-f", testpath/"id", "--no-passphrase"
    assert_match "ssh-ed25519", shell_output("#{bin}/keyfob public #{testpath}/id")
  end
end
