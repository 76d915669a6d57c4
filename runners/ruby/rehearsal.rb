require_relative "displays"
require_relative "error_report"
require_relative "program"
require_relative "values"

module Glovebox
  # What a run will do is done once while nobody waits: Ruby fills its caches, and the code and the memory that are
  # used are there.
  module Rehearsal
    # A program and nobody who listens.
    class Silence
      def deliver(_message) = true
      def warn(_text) = nil
      def owned? = true
    end

    module_function

    def call
      silence = Silence.new
      task = { "entry" => __FILE__, "workspace" => __dir__, "args" => [], "env" => {} }
      program = Program.new(JSON.parse(JSON.generate(task)))
      program.prepare
      Values.deliver(silence, { type: "value" }, { "a" => [1, 2.5, "b", nil], b: { c: :d } }, "value")
      Displays.rich?([])
      JSON.generate({ type: "error", error: fail_once(program) })
      GC.start
    end

    # A mistake as programs make them, so that what explains them to people is loaded too.
    def fail_once(program)
      [].frist
    rescue NoMethodError => error
      ErrorReport.describe(error, program)
    end
    private_class_method :fail_once
  end
end
