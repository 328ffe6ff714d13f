# As much of Homebrew as the formula asks for. It builds nothing: the program is there. What the formula
# installs has to exist, and its own test runs.
#
#   homebrew.rb FORMULA PROGRAM FOLDER      from the root of the source
require "fileutils"
require "pathname"

FOLDER = Pathname(ARGV[2])
PROGRAM = Pathname(ARGV[1])

class Place < Pathname
  # Files, or one file by the name it gets.
  def install(what)
    mkpath
    named = what.is_a?(Hash) ? what : Array(what).to_h { |file| [file, File.basename(file)] }
    raise "nothing to install in #{self}" if named.empty?
    named.each { |file, name| FileUtils.cp(file, self / name) }
  end
end

class Formula
  class << self
    attr_reader :about, :examination

    %i[desc homepage license head depends_on].each do |word|
      define_method(word) { |*words, **named| (@about ||= {})[word] = [words, named] }
    end

    def test(&block) = @examination = block
  end

  def testpath = Place.new(FOLDER / "test")
  %i[bin man1 man5 man7 bash_completion zsh_completion fish_completion].each do |place|
    define_method(place) { Place.new(FOLDER / place.to_s) }
  end

  def std_cargo_args(path:)
    raise "no package in #{path}" unless File.exist?("#{path}/Cargo.toml")
    ["--locked", "--path=#{path}"]
  end

  def system(*words)
    return bin.install(PROGRAM) if words.first(2) == %w[cargo install]
    Kernel.system(*words.map(&:to_s)) or raise "failed: #{words.join(" ")}"
  end

  def shell_output(line)
    said = `#{line}`
    raise "failed: #{line}" unless $?.success?
    said
  end

  def assert_match(pattern, text)
    raise "#{text.inspect} has no #{pattern.inspect}" unless text.match?(pattern)
  end
end

require File.expand_path(ARGV[0])
formula = Keyfob.new
formula.install
formula.testpath.mkpath
formula.instance_exec(&Keyfob.examination)
puts Keyfob.about.keys.join(" "), formula.caveats
