require('@nestjs/core')
