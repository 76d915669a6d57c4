# A program that lists the gems that require finds: name, tab, version on each line.
require "rubygems"
newest = Gem::Specification.group_by(&:name).transform_values { |gems| gems.map(&:version).max }
newest.sort.each { |name, version| puts "#{name}\t#{version}" }
nil
