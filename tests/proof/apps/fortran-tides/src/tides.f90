program tides
  use harmonics
  implicit none
  type(station) :: s
  character(64) :: name, argument
  integer :: hours, hour
  logical :: ok

  call get_command_argument(1, name)
  call get_command_argument(2, argument)
  read (argument, *) hours
  call read_station('/usr/local/share/tides/'//trim(name)//'.dat', s, ok)
  if (.not. ok) then
    write (*, '(a)') 'no such station: '//trim(name)
    stop 3
  end if
  do hour = 0, hours
    write (*, '(i4,f8.2)') hour, height(s, real(hour, 8))
  end do
end program
