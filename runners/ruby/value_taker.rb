require_relative "displays"
require_relative "values"

module Glovebox
  # Takes the value of the program's last statement, as the pattern of the `case` that Program writes.
  module ValueTaker
    NAME = "::RubyVM::GloveboxValue".freeze

    module_function

    def install(channel)
      taker = Object.new
      taker.define_singleton_method(:===) { |value| ValueTaker.take(channel, value) }
      RubyVM.const_set(:GloveboxValue, taker)
    end

    def take(channel, value)
      RubyVM.send(:remove_const, :GloveboxValue)
      return false if NilClass === value || !channel.owned?

      Values.deliver(channel, { type: "value" }, value, "the value of the last statement")
      Displays.deliver(channel, value) if Displays.rich?(value)
      false
    rescue Exception # the program's own code must not fail for what is looked at here
      false
    end
  end
end
