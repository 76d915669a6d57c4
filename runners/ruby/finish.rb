require_relative "error_report"
require_relative "values"

module Glovebox
  # The end of the program, after everything that it registered by at_exit: sends the error that ends it and the
  # variables that were asked for. A child that the program forked sends nothing.
  module Finish
    MISSING = Object.new.freeze

    class << self
      # The program and the names of the variables asked for, once they are known.
      attr_writer :program, :variables

      # Registered before the program registers anything, hence run last.
      def register(channel)
        at_exit do
          finish(channel, $!) if @program && channel.owned?
        rescue Exception => error
          channel.warn("the end of the program was disturbed by #{Values.type_name(error)}")
        end
      end

      private

      def finish(channel, error)
        error = @program.syntax_error || error if SyntaxError === error
        unless error.nil? || SystemExit === error
          channel.deliver({ type: "error", error: ErrorReport.describe(error, @program) })
        end
        deliver_variables(channel) unless @variables.empty?
        channel.finish
      end

      def deliver_variables(channel)
        found, room = {}, Values::MAX_BYTES
        @variables.uniq.each do |name|
          value = fetch(name)
          next channel.warn("returnVariables: the program has no variable '#{name}'") if MISSING.equal?(value)

          found[name], complete = Values.faithful(value, room)
          channel.warn("returnVariables: '#{name}' is too large; only a description of it was kept") unless complete
        end
        return if channel.deliver({ type: "variables", variables: found })

        channel.warn("returnVariables: together too large for one message; only descriptions were kept")
        channel.deliver({ type: "variables", variables: found.to_h { |name, _| [name, Values.outline(fetch(name))] } })
      end

      # The value that a name of the top level stands for, MISSING if there is none.
      def fetch(name)
        top, main = TOPLEVEL_BINDING, TOPLEVEL_BINDING.receiver
        case name
        when /\A[a-z_]\w*\z/ then return top.local_variable_get(name) if top.local_variable_defined?(name)
        when /\A@[a-z_]\w*\z/i then return main.instance_variable_get(name) if main.instance_variable_defined?(name)
        when /\A\$[a-z_]\w*\z/i then return top.eval(name) if global_variables.include?(name.to_sym)
        when /\A[A-Z]\w*(?:::[A-Z]\w*)*\z/ then return Object.const_get(name) if Object.const_defined?(name)
        end
        MISSING
      end
    end
  end
end
