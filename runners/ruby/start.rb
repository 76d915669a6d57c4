# The Ruby runner. The interpreter loads it by -r, before it reads the script.
#
# Theory of operation. A script that another script evaluates has that one's frames in every backtrace, no `return`
# at its top level and no DATA. So the program is not evaluated: it is the script of this interpreter. Ruby opens
# its script, then loads what -r names, then reads on. Here, in between, the interpreter is parked. It was started
# with a script of ours, which is exchanged for the program when the task arrives (ScriptSlot); from then on Ruby
# does what it does anyway, and nothing of the runner is on the stack.
#
#   1. Everything is loaded and rehearsed; {"type": "parked"} is sent.
#   2. A newline comes on descriptor 3: the task is in $GLOVEBOX_JOB/task.json. It is applied.
#   3. The script is exchanged (Program says which text Ruby reads) and this file ends.
#   4. The program runs. The text hands over the value of its last expression (ValueTaker).
#   5. At exit, after all that the program registered, its error and variables are sent (Finish). Ruby prints the
#      error itself.
#
# An environment that a running interpreter cannot take over, options in the line with #!, and a Ruby whose inside
# is not as ScriptSlot knows it need an interpreter started anew: this process then becomes `ruby main.rb args`, with
# this file loaded the same way and the task as descriptor 3. That costs the time that parking saves and nothing else.
require "json"
require "pp" # which takes 5 ms where a program first calls pp
require_relative "channel"
require_relative "error_report"
require_relative "finish"
require_relative "library"
require_relative "program"
require_relative "rehearsal"
require_relative "script_slot"
require_relative "value_taker"

module Glovebox
  module Start
    STAND_IN = "stand_in.rb" # in the folder of the runner, which is the working directory until the task arrives
    GO, MESSAGES = 3, 4
    # Read by the interpreter, by its libraries or by the C library when a process starts, and not again.
    READ_AT_START = /\A(?:RUBY|GEM_|BUNDLE_|LC_|LD_|MALLOC_|LANG\z|GLIBC_TUNABLES\z)/

    module_function

    def call
      $0 == STAND_IN && Dir.pwd == __dir__ ? park : begin_anew
    end

    # The process that was started ahead of time.
    def park
      folder = ENV.fetch("GLOVEBOX_JOB", "/glovebox")
      slot = ScriptSlot.find($0)
      channel = Channel.new(MESSAGES)
      Finish.register(channel)
      Rehearsal.call
      hide_own_files
      channel.deliver({ type: "parked" })
      exit!(0) unless wait_for_go
      task = File.open(File.join(folder, "task.json"), "rb")
      Dir.children(folder).grep(/\Atask\./) { |name| File.unlink(File.join(folder, name)) }
      begin_parked(slot, channel, task)
    end

    # Ruby adds this file when it is through with it; the others are taken from the list of what is loaded.
    def hide_own_files
      $LOADED_FEATURES.reject! { |path| path.start_with?("#{__dir__}/") }
      require "json" # has Ruby look through the list, which it does after each change
    end

    # Whether a newline came; the end of the file without one means that nobody will ever want this process.
    def wait_for_go
      IO.open(GO) { |go| !go.getbyte.nil? }
    end

    def begin_parked(slot, channel, file)
      task = JSON.parse(file.read)
      program = Program.new(task)
      Dir.chdir(program.workspace)
      return become_fresh(task, program, file) unless slot && suits?(task, program)

      file.close
      ENV.replace(task["env"])
      ARGV.replace(task["args"].each(&:freeze))
      bind(task, channel, program)
      slot.put(program)
    end

    # Whether this interpreter can run the program as one that was started for it would.
    def suits?(task, program)
      length = program.name.bytesize
      at_start = [ENV.to_h, task["env"]].map { |all| all.select { |name, _| READ_AT_START.match?(name) } }
      at_start.uniq.one? && program.readable? && !program.options? && length != ScriptSlot::FORBIDDEN_LENGTH
    end

    def become_fresh(task, program, file)
      file.rewind
      command = [[RbConfig.ruby, "ruby"], "-r#{__dir__}/start.rb", "--", program.name, *task["args"]]
      exec(task["env"], *command, GO => file, MESSAGES => MESSAGES, unsetenv_others: true)
    end

    # The process that `become_fresh` made: Ruby has the right script open already.
    def begin_anew
      task = JSON.parse(IO.open(GO, &:read))
      channel = Channel.new(MESSAGES)
      Finish.register(channel)
      program = Program.new(task)
      bind(task, channel, program)
      ScriptSlot.find_opened($0)&.open(program) if program.text
    end

    def bind(task, channel, program)
      Finish.program, Finish.variables = program, task["returnVariables"]
      Library.bind(task, channel)
      ValueTaker.install(channel)
      program.prepare
      $stdout.sync = true # else what is in its buffer is lost when a limit ends the program
      $. = 0 # counts the lines that a process reads, and the rehearsal read some
    end
  end

  Start.call
  # Code of the runner finds its constants through the modules that it was written in.
  Object.send(:remove_const, :Glovebox)
end
