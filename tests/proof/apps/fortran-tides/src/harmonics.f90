module harmonics
  implicit none
  private
  public :: station, read_station, height

  type :: station
    integer :: n = 0
    real(8) :: mean = 0
    real(8) :: amplitude(16), speed(16), phase(16)
  end type

contains

  subroutine read_station(file, s, ok)
    character(*), intent(in) :: file
    type(station), intent(out) :: s
    logical, intent(out) :: ok
    integer :: unit, status
    open (newunit=unit, file=file, status='old', action='read', iostat=status)
    ok = status == 0
    if (.not. ok) return
    read (unit, *) s%mean
    do
      read (unit, *, iostat=status) s%amplitude(s%n + 1), s%speed(s%n + 1), s%phase(s%n + 1)
      if (status /= 0 .or. s%n == 15) exit
      s%n = s%n + 1
    end do
    close (unit)
  end subroutine

  real(8) function height(s, hour)
    type(station), intent(in) :: s
    real(8), intent(in) :: hour
    real(8), parameter :: degree = acos(-1d0)/180
    integer :: i
    real(8) :: total
    total = 0
    !$omp parallel do reduction(+:total)
    do i = 1, s%n
      total = total + s%amplitude(i)*cos((s%speed(i)*hour - s%phase(i))*degree)
    end do
    height = s%mean + total
  end function

end module
